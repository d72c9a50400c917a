def main():
    return {"rows": [{"price": 1}, {"price": 2}, {"price": object()}]}
