using System.Text;
using Aegis.Events;
using Aegis.Integrity;
using Aegis.Scanning.Rules;
using Aegis.Tools;

namespace Aegis.Policies.Documents;

/// <summary>What a text of a policy must be.</summary>
/// <param name="Mistake">The code and the message of what is wrong with it, or null.</param>
/// <param name="MaxLength">Characters at most; null: as many as one likes.</param>
internal sealed record TextKind(Func<string, (string Code, string Message)?> Mistake, int? MaxLength = null)
{
    private const int LongestName = 64;
    private const int LongestFile = 1024;

    /// <summary>Whether a number, true and false may stand for their text.</summary>
    public bool IsScalar { get; init; }

    /// <summary>What users read.</summary>
    public static TextKind Words { get; } = new(static text => string.IsNullOrWhiteSpace(text) ? (PolicyErrorCodes.Range, "is empty. Say what users shall read.") : null);

    /// <summary>A name for events and messages.</summary>
    public static TextKind Name { get; } = new(
        static text => text.Length is > 0 and <= LongestName && !text.Any(char.IsControl) ? null : (PolicyErrorCodes.Name, FormattableString.Invariant($"'{PolicyErrorList.Shown(text)}' is not a name. Use 1 to {LongestName} characters, without control characters.")),
        LongestName);

    /// <summary>The server that tools come from.</summary>
    public static TextKind Server { get; } = new(
        static text => text.Length is > 0 and <= ToolPin.MaxServer && !text.Any(char.IsControl) ? null : (PolicyErrorCodes.Name, FormattableString.Invariant($"'{PolicyErrorList.Shown(text)}' is not the name of a server. Use 1 to {ToolPin.MaxServer} characters, without control characters.")),
        ToolPin.MaxServer);

    /// <summary>A glob over names of tools.</summary>
    public static TextKind Glob { get; } = new(
        static text => ToolName.IsWellFormed(text) ? null : (PolicyErrorCodes.Glob, FormattableString.Invariant($"'{PolicyErrorList.Shown(text)}' is not a glob. Use 1 to {ToolName.MaxLength} characters, '*' and '?' anywhere, no control characters.")),
        ToolName.MaxLength);

    /// <summary>A glob over media types.</summary>
    public static TextKind MediaType { get; } = new(
        static text => ToolName.IsWellFormed(text) && Ascii.IsValid(text) && text.Split('/') is [{ Length: > 0 }, { Length: > 0 }] && !text.AsSpan().ContainsAny(" ;,") ? null : (PolicyErrorCodes.Glob, $"'{PolicyErrorList.Shown(text)}' is not a glob over media types. Write 'image/png', 'image/*' or '*/*', without parameters."),
        ToolName.MaxLength);

    /// <summary>A pattern in the language of <c>docs/patterns.md</c>.</summary>
    public static TextKind Pattern { get; } = new(static text => MistakeInPattern(text) is { } mistake ? (PolicyErrorCodes.Pattern, $"{mistake}.") : null);

    /// <summary>The id of a rule; whether there is one is known only with the packs.</summary>
    public static TextKind Rule { get; } = new(static text => string.IsNullOrWhiteSpace(text) ? (PolicyErrorCodes.Rule, "is empty. Write the id of a rule, for example 'override/ignore-previous'.") : null);

    /// <summary>A secret, or where it stands.</summary>
    public static TextKind Secret { get; } = new(static text => string.IsNullOrWhiteSpace(text) ? (PolicyErrorCodes.Secret, "is empty. Write '${env:NAME}' or '${config:PATH}'.")
        : text.StartsWith('$') && !SecretSource.IsReference(text) ? (PolicyErrorCodes.Secret, "is no reference. Write '${env:NAME}' or '${config:PATH}', with env and config in lower case.") : null);

    /// <summary>A file.</summary>
    public static TextKind File { get; } = new(
        static text => text.Length is > 0 and <= LongestFile && !text.Any(char.IsControl) && Path.GetFileName(text).Length > 0 ? null : (PolicyErrorCodes.Name, FormattableString.Invariant($"'{PolicyErrorList.Shown(text)}' is not a file. Write a path such as 'logs/aegis.jsonl', of at most {LongestFile} characters.")),
        LongestFile);

    /// <summary>A file, or the name of a transport.</summary>
    public static TextKind FileOrTransport { get; } = new(static text => HistoryKey.IsId(text) ? null : File!.Mistake(text), LongestFile);

    /// <summary>The name of a transport; whether there is one is known only when a guard is made.</summary>
    public static TextKind Transport { get; } = new(
        static text => HistoryKey.IsId(text) ? null : (PolicyErrorCodes.Name, FormattableString.Invariant($"'{PolicyErrorList.Shown(text)}' is not the name of a transport. Use 1 to {HistoryKey.LongestId} of A to Z, a to z, 0 to 9, '-' and '_'.")),
        HistoryKey.LongestId);

    /// <summary>The id of a key.</summary>
    public static TextKind KeyId { get; } = new(
        static text => HistoryKey.IsId(text) ? null : (PolicyErrorCodes.Name, FormattableString.Invariant($"'{PolicyErrorList.Shown(text)}' is not the id of a key. Use 1 to {HistoryKey.LongestId} of A to Z, a to z, 0 to 9, '-' and '_'.")),
        HistoryKey.LongestId);

    /// <summary>The id of an alert rule.</summary>
    public static TextKind AlertId { get; } = new(
        static text => HistoryKey.IsId(text) ? null : (PolicyErrorCodes.Name, FormattableString.Invariant($"'{PolicyErrorList.Shown(text)}' is not the id of an alert rule. Use 1 to {HistoryKey.LongestId} of A to Z, a to z, 0 to 9, '-' and '_'.")),
        HistoryKey.LongestId);

    /// <summary>The name of a kind of event that can be counted.</summary>
    public static TextKind EventType { get; } = new(
        static text => EventTypes.Countable.Contains(text, StringComparer.Ordinal) ? null : (PolicyErrorCodes.Choice, $"'{PolicyErrorList.Shown(text)}' is no event that can be counted.{Suggestion.For(text, EventTypes.Countable)} Use one of {string.Join(", ", EventTypes.Countable)}."));

    private static string? MistakeInPattern(string text)
    {
        try
        {
            Scanning.Rules.Pattern.Parse(text);
            return null;
        }
        catch (PatternException e)
        {
            return e.Message;
        }
    }
}
