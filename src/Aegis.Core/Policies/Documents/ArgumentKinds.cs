using Aegis.Scanning.Sensitive;
using Aegis.Tools;
using Aegis.Tools.Arguments;

namespace Aegis.Policies.Documents;

/// <summary>What the texts of argument rules must be.</summary>
internal static class ArgumentKinds
{
    /// <summary>Where an argument is.</summary>
    public static TextKind Path { get; } = new(
        static text => ArgumentPath.Parse(text) is not null ? null : (PolicyErrorCodes.Name, $"'{PolicyErrorList.Shown(text)}' is not the path of an argument. Use names with dots between them, '*' for every member or item, and '\\' before a dot or a star of a name."),
        ArgumentPath.MaxLength);

    /// <summary>A value that an argument may have.</summary>
    public static TextKind Value { get; } = new(static _ => null) { IsScalar = true };

    /// <summary>A glob over a value.</summary>
    public static TextKind Glob { get; } = new(
        static text => text.Length is > 0 and <= ValueGlob.MaxLength && !text.Any(char.IsControl) && LookAlikeMarks.IsText(text) ? null : (PolicyErrorCodes.Glob, FormattableString.Invariant($"'{PolicyErrorList.Shown(text)}' is not a glob. Use 1 to {ValueGlob.MaxLength} characters, '*' and '?' anywhere, no control characters.")),
        ValueGlob.MaxLength);

    /// <summary>A folder.</summary>
    public static TextKind Folder { get; } = new(
        static text => CanonicalPath.TryParse(text) is not null ? null : (PolicyErrorCodes.Name, $"'{PolicyErrorList.Shown(text)}' is not an absolute folder that can be read in one way only. Write '/srv/data', 'C:\\data' or '\\\\server\\share'."),
        CanonicalPath.MaxLength);

    /// <summary>A glob over hosts.</summary>
    public static TextKind Host { get; } = new(
        static text => text.Length <= ValueGlob.MaxLength && CanonicalHost.CanonicalGlob(text) is not null ? null : (PolicyErrorCodes.Glob, $"'{PolicyErrorList.Shown(text)}' is not a host or a glob over hosts. Write 'example.com' or '*.example.com', without scheme, port and path."),
        ValueGlob.MaxLength);

    /// <summary>A scheme that leads to a host.</summary>
    public static TextKind Scheme { get; } = new(static text => CanonicalUrl.Schemes.Contains(text, StringComparer.OrdinalIgnoreCase) ? null
        : (PolicyErrorCodes.Choice, $"'{PolicyErrorList.Shown(text)}' is unknown.{Suggestion.For(text, CanonicalUrl.Schemes)} Use one of: {string.Join(", ", CanonicalUrl.Schemes)}."));

    /// <summary>Where a value comes from.</summary>
    public static TextKind Source { get; } = new(
        static text => text is "model" or "memory" ? (PolicyErrorCodes.Choice, $"'{text}' vouches for nothing: whatever a model was told comes from there. Use 'user', 'system' or the names of tools; leave 'from' out where any value may stand.")
            : TextKind.Glob.Mistake(text),
        ToolName.MaxLength);

    /// <summary>A program with its first arguments.</summary>
    public static TextKind Command { get; } = new(
        static text => CommandRule.Words(text) is not null ? null : (PolicyErrorCodes.Name, $"'{PolicyErrorList.Shown(text)}' is not a program with its first arguments. Write plain words, for example 'git log'."),
        CommandLine.MaxLength);

    /// <summary>A kind of personal data.</summary>
    public static TextKind Personal { get; } = new(static text => text == RestoreRules.All || SensitiveRules.PersonalTypes.Contains(text, StringComparer.Ordinal) ? null
        : (PolicyErrorCodes.Choice, $"'{PolicyErrorList.Shown(text)}' is no kind of personal data.{Suggestion.For(text, SensitiveRules.PersonalTypes)} Use '*' for all, or some of: {string.Join(", ", SensitiveRules.PersonalTypes)}."));

    /// <summary>What of a shell may be used.</summary>
    public static TextKind Shell { get; } = new(static text => CommandRule.PartOf(text) != ShellParts.None ? null
        : (PolicyErrorCodes.Choice, $"'{PolicyErrorList.Shown(text)}' is unknown.{Suggestion.For(text, ["pipe", "chain", "redirect", "expand"])} Use 'pipe', 'chain', 'redirect' or 'expand'."));
}
