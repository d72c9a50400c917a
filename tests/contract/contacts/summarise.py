"""What a customer's script does: clean a CRM's contacts and group them."""
import io

import pandas as pd

CALLING_CODES = {"DE": "49", "FR": "33", "US": "1", "GB": "44"}


def normalise(row):
    digits = "".join(c for c in row["phone"] if c.isdigit() or c == "+")
    if digits.startswith("+"):
        return digits
    if digits.startswith("00"):
        return "+" + digits[2:]
    return "+" + CALLING_CODES[row["country"]] + digits.lstrip("0")


def main(csv):
    contacts = pd.read_csv(io.StringIO(csv), dtype=str, keep_default_na=False)
    contacts["email"] = contacts["email"].str.strip().str.lower()
    contacts["country"] = contacts["country"].str.strip().str.upper()
    unique = contacts.drop_duplicates(subset="email", keep="first").copy()
    unique["phone"] = unique.apply(normalise, axis=1)
    print(f"{len(contacts)} contacts, {len(unique)} people")
    groups = unique.groupby("country").agg(people=("email", "count"), first_phone=("phone", "min"))
    return {"people": len(unique), "countries": groups.reset_index()}
