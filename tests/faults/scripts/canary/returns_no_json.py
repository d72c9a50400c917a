def main(x):
    return {"CANARY": {x: object()}}
