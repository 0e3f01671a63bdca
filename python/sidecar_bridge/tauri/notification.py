# Generated from `tools/tauri-api/tauri-api.json` by `tools/tauri-api/emit.py`: do not edit.
# Descriptions are Tauri's, adapted: see NOTICE in the package's licences.

"""Types of Tauri's plugin notification: notifications of the desktop."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from sidecar_bridge.tauri import _arguments as arguments

if TYPE_CHECKING:
    from collections.abc import Sequence


PermissionState: TypeAlias = Literal["granted", "denied", "prompt", "prompt-with-rationale"]
"""Whether the app may show notifications."""
PERMISSION_STATE: tuple[PermissionState, ...] = ("granted", "denied", "prompt", "prompt-with-rationale")


@dataclass(frozen=True, slots=True)
class Action:
    """A button of a notification, in an `ActionType`.

    Desktops take the identifier and the title only.

    Attributes:
        id: The identifier of this action, reported back when the user triggers it.
        title: The text displayed on the action button.
        requires_authentication: Whether the device must be unlocked for the action to run.
        foreground: Whether the app is brought to the foreground when the action is triggered.
        destructive: Whether the action is displayed as destructive, usually in red.
        input: Whether triggering the action lets the user type a text response.
        input_button_title: The text displayed on the button that submits the text input.
        input_placeholder: The placeholder displayed on the empty text input field.
    """

    id: str
    title: str
    _: KW_ONLY
    requires_authentication: bool | None = None
    foreground: bool | None = None
    destructive: bool | None = None
    input: bool | None = None
    input_button_title: str | None = None
    input_placeholder: str | None = None

    @staticmethod
    def _taken(value: Any, name: str) -> dict[str, object]:
        if not isinstance(value, Action):
            arguments.wrong(name, "an Action", value)
        found: dict[str, object] = {
            "id": arguments.text(value.id, f"{name}.id"),
            "title": arguments.text(value.title, f"{name}.title"),
        }
        if value.requires_authentication is not None:
            found["requiresAuthentication"] = arguments.boolean(
                value.requires_authentication, f"{name}.requires_authentication"
            )
        if value.foreground is not None:
            found["foreground"] = arguments.boolean(value.foreground, f"{name}.foreground")
        if value.destructive is not None:
            found["destructive"] = arguments.boolean(value.destructive, f"{name}.destructive")
        if value.input is not None:
            found["input"] = arguments.boolean(value.input, f"{name}.input")
        if value.input_button_title is not None:
            found["inputButtonTitle"] = arguments.text(value.input_button_title, f"{name}.input_button_title")
        if value.input_placeholder is not None:
            found["inputPlaceholder"] = arguments.text(value.input_placeholder, f"{name}.input_placeholder")
        return found


@dataclass(frozen=True, slots=True)
class ActionType:
    """The buttons of those notifications that have the `action_type_id` of it.

    Desktops show them in notifications that are sent while somebody listens with `on_action`.

    Attributes:
        id: The identifier of this action type.
        actions: The list of associated actions.
        hidden_previews_body_placeholder: The placeholder shown instead of the notification body when previews are
            hidden.
        custom_dismiss_action: Whether the app is notified when the user dismisses the notification.
        allow_in_car_play: Whether the notification can be displayed in a CarPlay environment.
        hidden_previews_show_title: Whether the notification title is shown even when previews are hidden.
        hidden_previews_show_subtitle: Whether the notification subtitle is shown even when previews are hidden.
    """

    id: str
    actions: Sequence[Action]
    _: KW_ONLY
    hidden_previews_body_placeholder: str | None = None
    custom_dismiss_action: bool | None = None
    allow_in_car_play: bool | None = None
    hidden_previews_show_title: bool | None = None
    hidden_previews_show_subtitle: bool | None = None

    @staticmethod
    def _taken(value: Any, name: str) -> dict[str, object]:
        if not isinstance(value, ActionType):
            arguments.wrong(name, "an ActionType", value)
        found: dict[str, object] = {
            "id": arguments.text(value.id, f"{name}.id"),
            "actions": arguments.many(Action._taken)(value.actions, f"{name}.actions"),
        }
        if value.hidden_previews_body_placeholder is not None:
            found["hiddenPreviewsBodyPlaceholder"] = arguments.text(
                value.hidden_previews_body_placeholder, f"{name}.hidden_previews_body_placeholder"
            )
        if value.custom_dismiss_action is not None:
            found["customDismissAction"] = arguments.boolean(
                value.custom_dismiss_action, f"{name}.custom_dismiss_action"
            )
        if value.allow_in_car_play is not None:
            found["allowInCarPlay"] = arguments.boolean(value.allow_in_car_play, f"{name}.allow_in_car_play")
        if value.hidden_previews_show_title is not None:
            found["hiddenPreviewsShowTitle"] = arguments.boolean(
                value.hidden_previews_show_title, f"{name}.hidden_previews_show_title"
            )
        if value.hidden_previews_show_subtitle is not None:
            found["hiddenPreviewsShowSubtitle"] = arguments.boolean(
                value.hidden_previews_show_subtitle, f"{name}.hidden_previews_show_subtitle"
            )
        return found


@dataclass(frozen=True, slots=True)
class ActiveId:
    """A notification that is shown."""

    id: int

    @staticmethod
    def _taken(value: Any, name: str) -> dict[str, object]:
        if not isinstance(value, ActiveId):
            arguments.wrong(name, "an ActiveId", value)
        found: dict[str, object] = {
            "id": arguments.integer(value.id, f"{name}.id"),
        }
        return found


@dataclass(frozen=True, slots=True)
class Attachment:
    """Attachment of a notification.

    Attributes:
        id: Attachment identifier.
        url: Attachment URL. Accepts the `asset` and `file` protocols.
    """

    id: str
    url: str

    @staticmethod
    def _taken(value: Any, name: str) -> dict[str, object]:
        if not isinstance(value, Attachment):
            arguments.wrong(name, "an Attachment", value)
        found: dict[str, object] = {
            "id": arguments.text(value.id, f"{name}.id"),
            "url": arguments.text(value.url, f"{name}.url"),
        }
        return found
