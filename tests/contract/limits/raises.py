def main():
    price = {"amount": 1}
    return price["currency"]
