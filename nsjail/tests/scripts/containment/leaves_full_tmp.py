def main():
    for n in range(6):
        with open(f"/tmp/{n}", "wb") as file:
            file.write(b"x" * (10 << 20))
    return "full"
