from datetime import date, datetime, time, timedelta, timezone


def main():
    zone = timezone(timedelta(hours=2))
    return [datetime(2024, 2, 29, 12, 30), datetime(2024, 1, 1, 0, 0, 0, 5, zone), date(2024, 1, 2), time(3, 4, 5)]
