#!/usr/bin/env python3
"""A small client of Colloquium, and a walk through its API: from an empty server to a teacher who reads a student's
conversation, marks words of it, prints the marks as a table, and takes it all with her. Needs a running server and Python
3.8 or newer, nothing else.

    python3 examples/walk.py [URL]          http://localhost:8080 if not said

Everything it makes is new, so it runs any number of times on the same server.
"""

import csv
import http.client
import io
import json
import sys
import urllib.error
import urllib.parse
import urllib.request
import uuid
from pathlib import Path

EXPORT = Path(__file__).with_name("conversations.json")


class Problem(Exception):
    """An answer that is not a success: application/problem+json. Branch on `code`, it is stable."""

    def __init__(self, status, body):
        self.status = status
        self.code = body.get("code", "")
        self.request_id = body.get("request_id", "")
        lines = [f"{status} {self.code}: {body.get('detail', '')} (request {self.request_id})"]
        lines += [f"  {field['pointer']}: {field['detail']}" for field in body.get("errors", [])]
        super().__init__("\n".join(lines))


class Client:
    """Sends requests to one server, with a token once there is one."""

    def __init__(self, url, token=None):
        self.url = url.rstrip("/")
        self.token = token

    def call(self, method, path, body=None, query=None, headers=None):
        """Sends one request; gives the status and what the JSON of the answer says.

        Bytes are sent as they are, anything else as JSON."""
        status, text = self.send(method, path, body, query, headers)
        try:
            return status, json.loads(text) if text else None
        except ValueError as error:
            raise self.silent(error) from None

    def send(self, method, path, body=None, query=None, headers=None):
        """Sends one request; gives the status and the bytes of the answer."""
        url = f"{self.url}/api/v1{path}"
        if query:
            url += "?" + urllib.parse.urlencode(query)
        headers = dict(headers or {})
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if isinstance(body, bytes):
            headers["Content-Type"] = "application/octet-stream"
        elif body is not None:
            body = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        try:
            request = urllib.request.Request(url, data=body, method=method, headers=headers)
            with urllib.request.urlopen(request, timeout=60) as answer:
                # What was cut off on the way is an error here: a download that arrived is whole.
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            raise problem(error) from None
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise self.silent(error) from None

    def silent(self, error):
        return SystemExit(f"walk.py: no Colloquium server answers at {self.url}: {error}")

    def download(self, path, **query):
        """A file, as bytes."""
        return self.send("GET", path, query=query)[1]

    def get(self, path, **query):
        return self.call("GET", path, query=query)[1]

    def post(self, path, body):
        # The key makes the request safe to send again, for instance after a broken connection: it has one effect.
        return self.call("POST", path, body, headers={"Idempotency-Key": str(uuid.uuid4())})[1]

    def patch(self, path, body):
        return self.call("PATCH", path, body)[1]

    def all(self, path, **query):
        """Every item of a list, page after page."""
        while True:
            page = self.get(path, **query)
            yield from page["items"]
            if page["next_cursor"] is None:
                return
            query["cursor"] = page["next_cursor"]


def problem(error):
    text = error.read()
    try:
        return Problem(error.code, json.loads(text))
    except ValueError:
        return Problem(error.code, {"detail": f"no JSON but {text[:80]!r}: is this a Colloquium server?"})


def sign_up(url, name, invite_code=None):
    """Registers somebody and logs in."""
    email = f"{name.lower()}-{uuid.uuid4().hex[:12]}@example.org"
    password = f"the password of {name}"
    person = {"email": email, "display_name": name, "password": password}
    if invite_code:
        person["invite_code"] = invite_code
    anonymous = Client(url)
    anonymous.call("POST", "/users", person)
    session = anonymous.call("POST", "/sessions", {"email": email, "password": password})[1]
    print(f"{name} registered and logged in as {session['user']['email']}.")
    return Client(url, session["token"])


def print_report(report):
    """What an import did or would do, one line a conversation."""
    for line in report["imported"]:
        grown = ", known and grown" if line["updated"] else ""
        print(f"  imported  {line['title']!r}, {line['messages']} messages{grown}")
        for note in line["notes"]:
            print(f"            note: {note}")
    for line in report["skipped"]:
        print(f"  skipped   {line['title']!r}: {line['reason']}")
    for line in report["failed"]:
        print(f"  failed    {line['title']!r}: {line['reason']}")


def print_table(messages):
    """Messages, one line each."""
    print(f"  {'no.':>3}  {'who':<9}  {'when':<16}  {'parts':<16}  text")
    for message in messages:
        when = (message["created_at"] or "not known")[:16].replace("T", " ")
        parts = ",".join(part["kind"] for part in message["parts"])
        text = " ".join(message["content"].split())
        if len(text) > 52:
            text = text[:51] + "…"
        print(f"  {message['position']:>3}  {message['role']:<9}  {when:<16}  {parts:<16}  {text}")


def print_marks(marks, tags, messages):
    """Annotations, one line each: where, with which tags, by whom, the words, what is said of them."""
    place = {message["id"]: message["position"] for message in messages}
    print(f"  {'no.':>3}  {'start':>5}  {'end':>5}  {'tags':<22}  {'by':<6}  {'words':<26}  note")
    for mark in marks:
        anchor = mark["anchor"] or {"start": "", "end": "", "quote": ""}
        names = ", ".join(tags[tag] for tag in mark["tags"])
        author = mark["author"]["name"] if mark["author"] else "gone"
        words = " ".join(anchor["quote"].split())
        where = place.get(mark["message_id"], "")
        print(f"  {where:>3}  {anchor['start']:>5}  {anchor['end']:>5}  {names:<22}  {author:<6}  {words:<26.26}  {mark['note'] or ''}")


def mark_words(client, conversation, message, words, **more):
    """Marks the first place of some words in a message. Offsets count characters as Python does."""
    for part, of_message in enumerate(message["parts"]):
        start = (of_message.get("text") or "").find(words)
        if start >= 0:
            body = {"message_id": message["id"], "part": part, "start": start, "end": start + len(words), "quote": words}
            return client.post(f"/conversations/{conversation}/annotations", {**body, **more})
    raise SystemExit(f"walk.py: no {words!r} in the message")


def expect(what, found, wanted):
    if found != wanted:
        raise SystemExit(f"walk.py: {what}: expected {wanted!r}, found {found!r}")


def walk(url):
    export = EXPORT.read_bytes()
    titles = [conversation["title"] for conversation in json.loads(export)]

    teacher = sign_up(url, "Ana")
    room = teacher.post("/classes", {"name": "Thinking with numbers", "time_zone": "Europe/Vienna"})
    invite = teacher.post(f"/classes/{room['id']}/invites", {"role": "student", "max_uses": 30})
    print(f"Ana opened {room['name']!r}; students join with the code {invite['code']}.")

    student = sign_up(url, "Ben", invite["code"])
    # Scripts use a token of their own, so that logging out does not stop them. Its secret is shown this once.
    token = student.post("/me/tokens", {"name": "walk.py", "scope": "write"})
    script = Client(url, token["token"])
    print(f"Ben made the API token {token['name']!r}, which may {token['scope']}.")

    imports = f"/classes/{room['id']}/imports"
    print(f"\nWhat would come in from {EXPORT.name}:")
    status, report = script.call("POST", imports, export, query={"dry_run": "true"})
    print_report(report)
    expect("status of the dry run", status, 200)
    expect("conversations before the import", list(script.all(f"/classes/{room['id']}/conversations")), [])

    print("\nThe import itself:")
    status, report = script.call("POST", imports, export)
    print_report(report)
    expect("status of the import", status, 201)
    expect("titles imported", [line["title"] for line in report["imported"]], titles)

    print("\nThe same file again:")
    status, report = script.call("POST", imports, export)
    print_report(report)
    expect("status of the same file", status, 200)
    expect("conversations skipped", len(report["skipped"]), len(titles))

    # Two a page, only to show that pages are followed.
    own = list(script.all(f"/classes/{room['id']}/conversations", author="me", sort="started", limit=2))
    print("\nBen's conversations, the oldest first:")
    for row in own:
        began, model = row["started_at"] or "no date", row["model"] or "-"
        print(f"  {began:<27}  {row['visibility']:<8}  {model:<14}  {row['title']}")
    expect("titles listed", sorted(row["title"] for row in own), sorted(titles))

    shared = own[0]
    try:
        teacher.get(f"/conversations/{shared['id']}")
        raise SystemExit("walk.py: a private conversation was shown to the teacher")
    except Problem as refusal:
        expect("answer for what is not shared", refusal.code, "not_found")
    script.patch(f"/conversations/{shared['id']}", {"visibility": "class"})
    print(f"\nBen shared {shared['title']!r} with the class.")

    seen = list(teacher.all(f"/classes/{room['id']}/conversations"))
    expect("what the teacher sees", [row["id"] for row in seen], [shared["id"]])
    messages = list(teacher.all(f"/conversations/{shared['id']}/messages", limit=100))
    print(f"Ana reads it, by {seen[0]['author']['name']}:\n")
    print_table(messages)
    expect("roles of the messages", {"user", "assistant"} <= {message["role"] for message in messages}, True)
    if not all(message["content"] for message in messages if message["role"] == "user"):
        raise SystemExit("walk.py: a question has no text")

    teacher.post(f"/classes/{room['id']}/tags/import", {"lines": "Claim: says that something is so\nVague: could mean anything"})
    tags = {tag["id"]: tag["name"] for tag in teacher.all(f"/classes/{room['id']}/tags")}
    claim = next(tag for tag, name in tags.items() if name == "Claim")
    answer = next(message for message in messages if message["role"] == "assistant" and message["content"])
    words = answer["content"].split("\n")[0][:24].strip()
    mark = mark_words(teacher, shared["id"], answer, words, tags=[claim], note="Is it?", audience="class")
    expect("the words that were marked", mark["anchor"]["quote"], words)
    script.post(f"/conversations/{shared['id']}/annotations", {"note": "My first one", "audience": "class"})
    script.post(f"/annotations/{mark['id']}/comments", {"body": "I asked for a source next."})
    print("\nWhat was marked, as it stands in the conversation:\n")
    marks = list(script.all(f"/conversations/{shared['id']}/annotations", sort="place"))
    print_marks(marks, tags, messages)
    expect("comments on each", [one["comments"] for one in marks], [0, 1])

    # Out, and in again elsewhere: the same conversation, and what Ana marked is hers there, too.
    file = teacher.download(f"/conversations/{shared['id']}/export", format="json")
    other = teacher.post("/classes", {"name": "Next year", "time_zone": "Europe/Vienna"})
    print(f"\nAna exports it, {len(file)} bytes, and brings it into {other['name']!r}:")
    status, report = teacher.call("POST", f"/classes/{other['id']}/imports", file)
    print_report(report)
    expect("status of the export coming in", status, 201)
    copy = report["imported"][0]["id"]
    expect("messages of the copy", len(list(teacher.all(f"/conversations/{copy}/messages", limit=100))), len(messages))
    whose = [bool(one["author"] and one["author"]["me"]) for one in teacher.all(f"/conversations/{copy}/annotations")]
    expect("which marks of the copy are Ana's", sorted(whose), [False, True])

    table = teacher.download(f"/classes/{room['id']}/export", format="csv", table="annotations")
    rows = list(csv.DictReader(io.StringIO(table.decode(), newline="")))
    print("\nAll marks of the class, from a CSV file:")
    for row in rows:
        print(f"  {row['author_name']:<6}  {row['target']:<12}  {row['tags']:<8}  {row['quote']!r}: {row['note']}")
    expect("notes in the table", sorted(row["note"] for row in rows), ["Is it?", "My first one"])


def main():
    if len(sys.argv) > 2 or sys.argv[1:] in (["-h"], ["--help"]):
        raise SystemExit(__doc__)
    # A terminal that lacks a letter shows a question mark instead of stopping here.
    sys.stdout.reconfigure(errors="replace")
    url = sys.argv[1] if len(sys.argv) == 2 else "http://localhost:8080"
    try:
        walk(url)
    except Problem as refusal:
        raise SystemExit(f"walk.py: the server refused: {refusal}") from None
    except (LookupError, TypeError) as error:
        raise SystemExit(f"walk.py: an answer is not what the API promises: {error!r}") from None
    print(f"\nThe walk works at {url}.")


if __name__ == "__main__":
    main()
