namespace Aegis.Testing.RedTeaming;

/// <summary>A call that ran.</summary>
/// <param name="Tool">The tool.</param>
/// <param name="Arguments">Its arguments, as they were when it ran. They are read by whoever judges, not in the tool: a loop takes what a tool throws for a call that did not run.</param>
internal readonly record struct StageCall(string Tool, IReadOnlyDictionary<string, object?> Arguments);
