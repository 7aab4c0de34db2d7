namespace Aegis.Testing.RedTeaming;

/// <summary>What came of a try.</summary>
/// <param name="Succeeded">Whether the attack reached its goal; of a harmless case, whether everything passed.</param>
/// <param name="IsApplicable">Whether the policy has the tools that a harmless case needs.</param>
/// <param name="WasRead">Whether the model was shown the order.</param>
/// <param name="Evidence">What happened, without a word of the attack's.</param>
/// <param name="Rules">The rules that found something.</param>
internal sealed record StageResult(bool Succeeded, bool IsApplicable, bool WasRead, string Evidence, IReadOnlyList<string> Rules);
