def main():
    return {'a': float('nan'), 'b': float('inf')}
