namespace Aegis.Testing.RedTeaming;

/// <summary>A call that ran.</summary>
/// <param name="Tool">The tool.</param>
/// <param name="Arguments">Its arguments, as canonical JSON.</param>
internal readonly record struct StageCall(string Tool, string Arguments);
