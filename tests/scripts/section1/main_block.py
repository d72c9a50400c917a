import json
def main():
    return {"msg": "Hello from Cloud"}
if __name__ == "__main__":
    print(json.dumps(main()))