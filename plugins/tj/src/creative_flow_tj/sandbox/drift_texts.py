"""Light mutations: other texts of the same meaning."""

# ruff: noqa: D401  a mutation's line says what the site is like

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from creative_flow_tj.sandbox.drift_change import Catalogue, Change, Edit
from creative_flow_tj.sandbox.drift_tree import Element

TEXTS = Catalogue()


def _reworded(words: str, texts: dict[str, str]) -> Change:
    told = ", ".join(f"{old!r} → {new!r}" for old, new in texts.items())
    return Change(words=f"{words}: {told}", texts=texts)


def _inside(name: str, edit: Callable[[Element], None]) -> Edit:
    """Return an edit of every element of that name."""

    def change(root: Element) -> None:
        for element in root.all(name):
            edit(element)

    return change


@TEXTS.light()
def log_in_button_text(luck: Random) -> Change:
    """The button that signs in is called otherwise."""
    return _reworded("sign-in button", {"LOG IN": luck.choice(["Log in", "Sign in", "Continue"])})


@TEXTS.light()
def sign_in_field_texts(luck: Random) -> Change:
    """The fields of the sign-in form are called otherwise."""
    user = luck.choice(["Email or username", "Your username", "E-mail address or user name"])
    password = luck.choice(["Password", "Your password"])
    return _reworded(
        "sign-in fields",
        {"USERNAME OR EMAIL": user, "Username or email": user}
        | {"PASSWORD": password, "Password": password},
    )


@TEXTS.light()
def sign_in_heading(luck: Random) -> Change:
    """The sign-in page has another heading."""
    return _reworded("heading", {"Sign in": luck.choice(["Welcome back", "Advertiser login"])})


@TEXTS.light()
def cookie_button_text(luck: Random) -> Change:
    """The cookie banner's button is called otherwise."""
    texts = ["Accept all cookies", "I agree", "Allow all", "Got it"]
    return _reworded("cookie button", {"Accept All": luck.choice(texts)})


@TEXTS.light()
def wrong_credentials_text(luck: Random) -> Change:
    """Wrong credentials are told in other words."""
    text = luck.choice(
        [
            "Your username or password is incorrect.",
            "Invalid login. Please check your details.",
            "The credentials you entered do not match our records.",
        ]
    )

    def reword(message: Element) -> None:
        if "credentials" in message.text:
            message.children = [text]

    return Change(words=f"wrong credentials: {text!r}", edit=_inside(".error", reword))


@TEXTS.light()
def session_ended_text(luck: Random) -> Change:
    """The page of an ended session greets otherwise."""
    text = luck.choice(["Your session has expired", "Please log in again", "Welcome back"])
    return _reworded("ended session", {"We missed you": text})


@TEXTS.light()
def dashboard_texts(luck: Random) -> Change:
    """The boxes of the dashboard are called otherwise."""
    return _reworded(
        "dashboard",
        {
            "Account Balance": luck.choice(["Balance", "Available funds", "Your balance"]),
            "ALL CAMPAIGNS": luck.choice(["Campaigns", "Your campaigns"]),
        },
    )


@TEXTS.light()
def library_heading(luck: Random) -> Change:
    """The media library has another heading."""
    texts = ["Media Library", "Creatives", "Creative Library", "Your creatives"]
    return _reworded("library heading", {"MEDIA LIBRARY": luck.choice(texts)})


@TEXTS.light()
def upload_button_text(luck: Random) -> Change:
    """The button that opens the upload panel is called otherwise."""
    texts = ["Upload creatives", "Add creatives", "+ New creative", "Upload"]
    return _reworded("upload button", {"Upload New Creatives": luck.choice(texts)})


@TEXTS.light()
def browse_text(luck: Random) -> Change:
    """The control that chooses files is called otherwise."""
    texts = ["Choose files", "Select files", "Browse files", "Browse"]
    return _reworded("browse", {"Browse your computer": luck.choice(texts)})


@TEXTS.light()
def close_text(luck: Random) -> Change:
    """The upload panel's close control bears a word."""
    return _reworded("close control", {"×": luck.choice(["Close", "Done", "✕"])})


@TEXTS.light()
def pager_texts(luck: Random) -> Change:
    """The links to other pages are called otherwise."""
    before, after = luck.choice([("‹", "›"), ("«", "»"), ("Newer", "Older"), ("Prev", "Next page")])
    return _reworded("pager", {"Previous": before, "Next": after})


@TEXTS.light()
def tab_texts(luck: Random) -> Change:
    """The tabs are called otherwise."""
    names = [
        ("Banners", "Video Banners", "In-Stream", "Native Ads"),
        ("Static", "Video", "In-Stream", "Native"),
        ("Display", "Display Video", "Pre-roll (In-Stream)", "Native Creatives"),
    ]
    old = ("Static Banner", "Video Banner", "In-Stream Video", "Native")
    return _reworded("tabs", dict(zip(old, luck.choice(names), strict=True)))


@TEXTS.light()
def native_type_texts(luck: Random) -> Change:
    """The two kinds of native creatives are called otherwise."""
    image, video = luck.choice([("Image", "Video"), ("Images", "Videos"), ("Thumbnail", "Teaser")])

    def reword(box: Element) -> None:
        for label, text in zip(box.all("label"), (image, video), strict=True):
            label.children = [*label.elements, f" {text}"]

    return Change(words=f"native: {image!r} and {video!r}", edit=_inside("#nativeTypes", reword))


@TEXTS.light()
def empty_texts(luck: Random) -> Change:
    """An empty list is told in other words."""
    text = luck.choice(["Nothing here yet", "You have no creatives", "0 creatives"])
    return _reworded("empty list", dict.fromkeys(_EMPTY, text))


_EMPTY = ("No creatives found", "No data available in table")


@TEXTS.light()
def list_info(luck: Random) -> Change:
    """How many creatives there are is told in another way."""
    form = luck.choice(["{0}–{1} of {2}", "{2} creatives, {0} to {1} shown", "Results {0}-{1}/{2}"])

    def reword(info: Element) -> None:
        info.children = [form.format(*re.findall(r"\d+", info.text))]

    words = f"list info: {form.format(1, 12, 30)!r}"
    return Change(words=words, edit=_inside("#creativesTable_info", reword))


@TEXTS.light()
def busy_text(luck: Random) -> Change:
    """The message of files in progress is worded otherwise."""
    text = luck.choice(["Processing…", "Uploading, please wait", "Hang on, almost there"])
    return _reworded("busy", {"Your files are being processed…": text})


@TEXTS.light()
def status_texts(luck: Random) -> Change:
    """Review statuses are shown in other words."""
    pending, approved, rejected = luck.choice(
        [("In review", "Active", "Declined"), ("Awaiting approval", "Accepted", "Not accepted")]
    )
    return _reworded("statuses", {"Pending": pending, "Approved": approved, "Rejected": rejected})


@TEXTS.light()
def upload_error_texts(luck: Random) -> Change:
    """What the page and the server say of files that fail is worded otherwise."""
    failed, large, many = luck.choice(
        [
            ("Upload failed (error {0})", "Too large: at most {0}", "Too many files selected."),
            ("Something went wrong: {0}", "The maximum is {0}", "Limit of files reached."),
        ]
    )
    size, length = luck.choice(
        [
            (r"Size \1 is not supported here", r"Duration must be between \1 and \2 s."),
            (r"Wrong format (\1)", r"Please use clips of \1–\2 seconds."),
        ]
    )
    texts = {
        "Server responded with {0} code.": failed,
        "File is too big. The limit is {0}.": large,
        "You can not upload any more files.": many,
    }
    errors = (
        (r"Invalid dimensions (\w+)\..*", size),
        (r"The video must be ([\d.]+) to ([\d.]+) seconds long\..*", length),
    )
    return Change(words=f"upload errors: {failed!r}, {many!r}", texts=texts, errors=errors)


@TEXTS.light()
def account_texts(luck: Random) -> Change:
    """Signing out and the account's menu are called otherwise."""
    return _reworded(
        "account",
        {
            "Sign out": luck.choice(["Log out", "Logout"]),
            "Account": luck.choice(["My account", "Profile"]),
        },
    )


@TEXTS.light()
def page_titles(luck: Random) -> Change:
    """The titles of the windows name the site."""
    site = luck.choice(["TrafficJunky", "TJ Advertiser"])

    def retitle(title: Element) -> None:
        title.add(f" | {site}")

    return Change(words=f"window titles end with {site!r}", edit=_inside("title", retitle))
