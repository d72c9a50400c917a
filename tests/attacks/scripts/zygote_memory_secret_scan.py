def main():
    import gc
    hits = 0
    for o in gc.get_objects():
        try:
            if isinstance(o, dict) and any('CANARY-9c1' in str(v) for v in list(o.values())[:50]): hits += 1
        except Exception: pass
    return hits
