from decimal import Decimal
from uuid import UUID


def main():
    return {"price": Decimal("12.50"), "none": Decimal("NaN"), "id": UUID(int=5)}
