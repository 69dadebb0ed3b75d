const line = /^hunt_gateway_commands_total\{[^}]*"(\w+)"\} (\d+)$/gm;

/** What became of all commands since the server started, as its metrics tell: `sent`, `shed`, … */
export async function commandCounts(port: number): Promise<Readonly<Record<string, number>>> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  const text = await response.text();
  return Object.fromEntries(
    [...text.matchAll(line)].map(([, what, count]) => [what, Number(count)]),
  );
}
