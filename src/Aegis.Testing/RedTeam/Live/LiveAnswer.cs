namespace Aegis.Testing.RedTeaming;

/// <summary>What came back.</summary>
/// <param name="Said">The answer, as the conversation goes on with it.</param>
/// <param name="Text">Everything that whoever asked can read: the answer, a refusal, the reasoning, names and arguments of calls.</param>
/// <param name="IsOver">Whether the conversation cannot go on: it was refused, or calls wait for results that nobody has.</param>
internal sealed record LiveAnswer(string Said, string Text, bool IsOver);
