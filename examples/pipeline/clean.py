"""The customer's part: runs in Jobcell, once for each batch of records."""

import re

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def main(records):
    kept, dropped = [], 0
    for record in records:
        email = record["email"].strip().lower()
        if EMAIL.fullmatch(email):
            kept.append({"id": record["id"], "email": email, "name": " ".join(record["name"].split()).title()})
        else:
            dropped += 1
    print(f"kept {len(kept)}, dropped {dropped}")
    return {"kept": kept, "dropped": dropped}
