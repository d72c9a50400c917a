def main(x):
    print(x, flush=True)
    return [f"CANARY {x} {n}" for n in range(10**8)]
