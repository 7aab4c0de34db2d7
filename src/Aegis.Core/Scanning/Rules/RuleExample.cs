using Aegis.Policies.Documents;

namespace Aegis.Scanning.Rules;

/// <summary>A text by which a rule proves itself.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Text">The text.</param>
/// <param name="At">Where it stands.</param>
/// <param name="Path">The same as a JSON path.</param>
/// <param name="IsMatch">Whether the rule must match it.</param>
internal sealed record RuleExample(Rule Rule, string Text, DocumentPosition At, string Path, bool IsMatch);
