"""The first account, logging in and out, and what may go wrong with it."""

from ledger import EMAIL, PASSWORD, Ledger, fresh


def test_the_first_start_asks_for_an_account_and_logs_it_in() -> None:
    with fresh() as ledger:
        ledger.see("heading", "Welcome")
        assert "Development build" not in ledger.shown()
        ledger.fill(Name="Grace", Email="grace@example.com", Password="short", Repeat_password="other")
        ledger.press("Create account")
        ledger.says("Use at least 8 characters.")
        ledger.fill(Password="long enough", Repeat_password="not the same")
        ledger.press("Create account")
        ledger.says("The two passwords differ")
        ledger.fill(Repeat_password="long enough")
        ledger.press("Create account")
        ledger.see("heading", "Dashboard")
        assert ledger.home.query("SELECT name, email, role, active FROM users") == [
            ("Grace", "grace@example.com", "admin", 1)
        ]
        ledger.log_out()
        ledger.log_in("grace@example.com", "long enough")
        ledger.see("heading", "Dashboard")


def test_a_wrong_password_and_an_unknown_email_look_the_same(ledger: Ledger) -> None:
    ledger.log_out()
    for email, password in [(EMAIL, "wrong"), ("nobody@example.com", PASSWORD)]:
        ledger.driver.refresh()
        ledger.log_in(email, password)
        ledger.says("Wrong email or password.")
    ledger.log_in()
    ledger.see("heading", "Dashboard")


def test_too_many_failures_make_only_that_email_wait(ledger: Ledger) -> None:
    ledger.log_out()
    ledger.fill(Email="guess@example.com")
    for _ in range(5):
        ledger.fill(Password="guess")
        ledger.press("Log in")
        ledger.says("Wrong email or password.")
    ledger.fill(Password="guess")
    ledger.press("Log in")
    ledger.says("Too many failed logins.")
    ledger.says("You can try again in ")
    button = ledger.find("button", "Log in")
    assert button is not None
    assert not button.is_enabled()
    ledger.driver.refresh()
    ledger.log_in()
    ledger.see("heading", "Dashboard")


def test_an_expired_session_leads_to_the_login_and_back(ledger: Ledger) -> None:
    ledger.home.query("UPDATE sessions SET expires_at = '2020-01-01 00:00:00.000000'")
    ledger.press("Users", "link")
    ledger.says("Your session has expired.")
    ledger.log_in()
    ledger.see("heading", "Users")


def test_the_token_is_in_no_file_and_in_no_storage_of_the_page(ledger: Ledger) -> None:
    kept = "return Promise.all([__TAURI_INTERNALS__.invoke('session'), JSON.stringify([localStorage, sessionStorage])])"
    token, storage = ledger.driver.execute_script(kept)
    assert len(token) > 40
    assert token not in storage
    for file in ledger.home.directory.rglob("*"):
        if file.is_file():
            assert token.encode() not in file.read_bytes(), file
    ledger.log_out()
    assert ledger.driver.execute_script(kept)[0] is None
