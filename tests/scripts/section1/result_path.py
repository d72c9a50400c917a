def main():
    rows = [{'price': 1}] * 3 + [{'price': 1j}]
    return {'rows': rows}
