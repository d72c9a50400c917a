/** The two scripts of the contract, and exactly what `POST /execute` answers. */
export const examples = [
  {
    script: `def main():\n  print('hello')\n  return {"msg": "done"}`,
    body: '{"result":{"msg":"done"},"stdout":"hello\\n"}',
  },
  {
    script:
      'import json\ndef main():\n    return {"msg": "Hello from Cloud"}\nif __name__ == "__main__":\n    print(json.dumps(main()))',
    body: '{"result":{"msg":"Hello from Cloud"},"stdout":"{\\"msg\\": \\"Hello from Cloud\\"}\\n"}',
  },
];
