"""The table of users, from SQLite through FastAPI to the page."""

from collections.abc import Iterator

import pytest
from selenium.webdriver.support.select import Select

from desktop import until
from ledger import EMAIL, NAME, Ledger

COUNT = 24


@pytest.fixture
def users(ledger: Ledger) -> Iterator[Ledger]:
    """The page of users, with the admin and 24 others."""
    ledger.home.query("DELETE FROM users WHERE email != ?", EMAIL)
    for n in range(COUNT):
        ledger.home.query(
            "INSERT INTO users (email, name, role, active, password_hash, created_at) VALUES (?, ?, ?, ?, ?, ?)",
            *(f"user{n:02}@example.com", f"User {n:02}", "member", n % 3 > 0, "none", "2026-01-31 12:00:00.000000"),
        )
    ledger.go("Users")
    ledger.says(f"{COUNT + 1} users")
    yield ledger
    assert ledger.home.query("SELECT count(*) FROM users WHERE role = 'admin' AND active") == [(1,)]


def column(ledger: Ledger, number: int) -> list[str]:
    """The texts of one column."""
    return [row[number] for row in ledger.rows("Users")]


def expect(ledger: Ledger, number: int, texts: list[str]) -> None:
    """Waits until a column says that."""
    with ledger.noting_text():
        until(f"{texts}", lambda: column(ledger, number) == texts)


def test_they_come_in_pages(users: Ledger) -> None:
    expect(users, 0, [NAME, *(f"User {n:02}" for n in range(9))])
    users.press("Next page")
    expect(users, 0, [f"User {n:02}" for n in range(9, 19)])
    users.press("Next page")
    expect(users, 0, [f"User {n:02}" for n in range(19, COUNT)])
    users.says("Page 3 of 3")
    button = users.see("button", "Next page")
    assert not button.is_enabled()
    users.press("Previous page")
    users.says("Page 2 of 3")


def test_they_are_sorted_and_searched_by_the_server(users: Ledger) -> None:
    users.press("Email")
    expect(users, 1, [EMAIL, *(f"user{n:02}@example.com" for n in range(9))])
    users.press("Email")
    expect(users, 1, [f"user{n:02}@example.com" for n in range(COUNT - 1, COUNT - 11, -1)])
    users.fill(Search_users="user 1")
    users.says("10 users")
    users.fill(Search_users="USER07")
    expect(users, 0, ["User 07"])
    users.fill(Search_users="nobody")
    users.says("No user matches “nobody”; try a shorter text.")


def test_one_is_created_edited_and_deleted(users: Ledger) -> None:
    users.press("New user")
    users.see("dialog", "New user")
    users.press("Create user")
    users.says("Enter a name.")
    users.fill(Name="Zoe", Email=EMAIL, Password="long enough")
    users.press("Create user")
    users.says(f"{EMAIL} has an account already; choose another email.")
    users.fill(Email="zoe@example.com")
    users.press("Create user")
    users.says("Zoe was created.")
    users.gone("dialog")
    users.says(f"{COUNT + 2} users")

    users.fill(Search_users="zoe")
    expect(users, 0, ["Zoe"])
    users.press("Edit Zoe")
    users.see("dialog", "Edit Zoe")
    users.fill(Name="Zoe Z")
    Select(users.see("field", "Role")).select_by_visible_text("Admin")
    users.press("Save changes")
    users.says("Zoe Z was saved.")
    expect(users, 2, ["Admin"])

    users.press("Delete Zoe Z")
    users.see("alertdialog", "Delete Zoe Z?")
    users.press("Cancel")
    users.gone("alertdialog")
    users.press("Delete Zoe Z")
    users.press("Delete user")
    users.says("Zoe Z was deleted.")
    users.says("No user matches “zoe”")
    assert users.home.query("SELECT count(*) FROM users") == [(COUNT + 1,)]


def test_the_last_admin_stays(users: Ledger) -> None:
    users.press(f"Delete {NAME}")
    users.press("Delete user")
    users.says(f"{EMAIL} is the last active admin; make another user an admin first.")


def test_a_member_looks_on(users: Ledger) -> None:
    users.press("New user")
    users.fill(Name="Mia", Email="mia@example.com", Password="long enough")
    users.press("Create user")
    users.says("Mia was created.")
    users.gone("dialog")
    users.log_out()
    users.log_in("mia@example.com", "long enough")
    users.says("You are a member; only an admin can change users.")
    assert not users.see("button", "New user").is_enabled()
    assert users.find("button", f"Edit {NAME}") is None
    users.log_out()
    users.log_in()
    users.see("button", f"Edit {NAME}")


def test_one_that_somebody_else_has_deleted_is_missed(users: Ledger) -> None:
    users.press("Delete User 03")
    users.home.query("DELETE FROM users WHERE name = 'User 03'")
    users.press("Delete user")
    users.says("There is no user")
    users.says(f"{COUNT} users")
