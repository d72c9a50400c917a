/** CRM-like contacts as CSV, the same at every run: e-mails that differ in case and space only, phones as people write them. */
export function contacts(count: number): string {
  const lines = ['id,name,email,phone,country'];
  for (let n = 0; n < count; n += 1) {
    const person = (n * 7919) % Math.floor(count * 0.6);
    const country = countries[person % countries.length] ?? 'DE';
    const number = `${1_000_000 + person}`;
    const phone = [
      `0${number.slice(0, 3)} / ${number.slice(3)}`,
      `+${callingCodes[country]} (${number.slice(0, 3)}) ${number.slice(3)}`,
      `00${callingCodes[country]}-${number}`,
    ][n % 3];
    const email = `person${person}@example.com`;
    const written = n % 4 === 0 ? ` ${email.toUpperCase()}` : email;
    lines.push(
      `${n},"Ünal, P. ${person}",${written},${phone},${n % 5 === 0 ? country.toLowerCase() : country}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** What the script must find, worked out here without pandas. */
export function summaryOf(csv: string): unknown {
  const phoneOf = new Map<string, { country: string; phone: string }>();
  for (const line of csv.trim().split('\n').slice(1)) {
    const [email = '', phone = '', country = ''] = line.replace(/^\d+,"[^"]*",/, '').split(',');
    const key = email.trim().toLowerCase();
    if (!phoneOf.has(key))
      phoneOf.set(key, { country: country.toUpperCase(), phone: normalise(phone, country.toUpperCase()) });
  }
  const people = [...phoneOf.values()];
  const groups = [...new Set(people.map((person) => person.country))].sort().map((country) => {
    const phones = people.filter((person) => person.country === country).map((person) => person.phone);
    return { country, people: phones.length, first_phone: phones.sort()[0] };
  });
  return { people: people.length, countries: groups };
}

const callingCodes: Record<string, string> = { DE: '49', FR: '33', US: '1', GB: '44' };
const countries = Object.keys(callingCodes);

function normalise(phone: string, country: string): string {
  const digits = phone.replace(/[^0-9+]/g, '');
  if (digits.startsWith('+')) return digits;
  if (digits.startsWith('00')) return `+${digits.slice(2)}`;
  return `+${callingCodes[country]}${digits.replace(/^0+/, '')}`;
}
