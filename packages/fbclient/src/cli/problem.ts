/** The command cannot do what it was asked for; the message says what to do. It holds no secret. */
export class CommandProblem extends Error {}
