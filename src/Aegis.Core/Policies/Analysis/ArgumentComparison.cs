using Aegis.Policies.Documents;
using Aegis.Tools.Arguments;

namespace Aegis.Policies.Analysis;

/// <summary>Whether the argument rules of a tool only narrow those of another policy for it. Sound, not complete.</summary>
internal static class ArgumentComparison
{
    /// <summary>Every way in which the first rules may let pass what the second do not.</summary>
    /// <param name="mine">The entry that should be narrower.</param>
    /// <param name="theirs">The other one.</param>
    /// <param name="path">Where the entry stands.</param>
    /// <param name="keepsPersonal">Whether the other policy keeps personal data out of calls, but where an argument may have it.</param>
    public static IEnumerable<Widening> Widenings(ToolPolicy mine, ToolPolicy theirs, string path, bool keepsPersonal = false)
    {
        if (theirs.AdditionalArguments == AdditionalArguments.Block)
        {
            if (mine.AdditionalArguments != AdditionalArguments.Block)
            {
                yield return new($"{path}.additionalArguments", "lets arguments pass that no rule names");
            }

            var known = Named(theirs).ToHashSet(StringComparer.OrdinalIgnoreCase);
            foreach (var name in Named(mine).Where(name => !known.Contains(name)))
            {
                yield return new($"{path}.arguments", $"'{PolicyErrorList.Shown(name)}' has a rule here, and may not be there");
            }
        }

        foreach (var (place, rule) in theirs.Arguments)
        {
            var at = PolicyErrorList.Entry($"{path}.arguments", place);
            var same = mine.Arguments.Where(entry => string.Equals(ArgumentPath.Canonical(entry.Key), ArgumentPath.Canonical(place), StringComparison.Ordinal)).Select(static entry => entry.Value).ToList();
            if (same.Count == 0)
            {
                yield return new(at, "is missing");
            }
            else if (!same.Exists(own => Covers(rule, own)))
            {
                yield return new(at, "is another rule, which may be looser");
            }
        }

        var vouching = theirs.Arguments.Values.SelectMany(Vouching).ToHashSet(StringComparer.Ordinal);
        foreach (var (place, rule) in mine.Arguments.Where(entry => Vouching(entry.Value).Any(source => !vouching.Contains(source))))
        {
            yield return new($"{PolicyErrorList.Entry($"{path}.arguments", place)}.from", "lets a tool vouch for values that does not there");
        }

        foreach (var (place, rule) in mine.Arguments)
        {
            var granted = theirs.Arguments.Where(entry => string.Equals(ArgumentPath.Canonical(entry.Key), ArgumentPath.Canonical(place), StringComparison.Ordinal)).SelectMany(static entry => entry.Value.Restore).ToList();
            if (keepsPersonal && !granted.Contains(RestoreRules.All, StringComparer.Ordinal) && rule.Restore.Except(granted, StringComparer.Ordinal).Any())
            {
                yield return new($"{PolicyErrorList.Entry($"{path}.arguments", place)}.restore", "lets personal data stand that may not stand there");
            }
        }
    }

    /// <summary>The tools that a rule trusts with values.</summary>
    private static IEnumerable<string> Vouching(ArgumentPolicy rule) => (rule.From ?? []).Select(SourceRule.Canonical).Except(["user", "system"], StringComparer.Ordinal);

    private static IEnumerable<string> Named(ToolPolicy tool) => tool.Arguments.Keys.Select(static path => ArgumentPath.Parse(path)?[0]).OfType<string>();

    /// <summary>Whether whatever breaks the wide rule breaks the narrow one, no less strictly.</summary>
    private static bool Covers(ArgumentPolicy wide, ArgumentPolicy narrow) =>
        (narrow.Otherwise == Otherwise.Block || wide.Otherwise == Otherwise.Ask)
        && (narrow.Required || !wide.Required)
        && (narrow.Forbidden || (!wide.Forbidden && CoversValues(wide, narrow)))
        && !(narrow.Forbidden && narrow.Otherwise == Otherwise.Ask && !SamePlaces(wide, narrow));   // what cannot be read is blocked there, and asked about here

    private static bool SamePlaces(ArgumentPolicy wide, ArgumentPolicy narrow) => (wide.Path, wide.Url, wide.Command) is (null, null, null) || CoversValues(wide, narrow);

    private static bool CoversValues(ArgumentPolicy wide, ArgumentPolicy narrow) =>
        (wide.Type is null || narrow.Type == wide.Type || (wide.Type == ArgumentType.Number && narrow.Type == ArgumentType.Integer))
        && IsPart(wide.Enum, narrow.Enum, StringComparer.Ordinal)
        && (wide.Pattern is null || (narrow.Pattern is { } pattern && string.Equals(ValueGlob.Canonical(pattern), ValueGlob.Canonical(wide.Pattern), StringComparison.Ordinal)))
        && (wide.Minimum is null || narrow.Minimum >= wide.Minimum)
        && (wide.Maximum is null || narrow.Maximum <= wide.Maximum)
        && (wide.MinLength is null || narrow.MinLength >= wide.MinLength)
        && (wide.MaxLength is null || narrow.MaxLength <= wide.MaxLength)
        && (wide.MaxItems is null || narrow.MaxItems <= wide.MaxItems)
        && IsPart(wide.Keys?.Select(ValueGlob.Canonical), narrow.Keys?.Select(ValueGlob.Canonical), StringComparer.Ordinal)
        && (wide.From is null || IsPart(wide.From.Select(SourceRule.Canonical), narrow.From?.Select(SourceRule.Canonical), StringComparer.Ordinal))
        && (wide.Path is null || (narrow.Path is { } path && Covers(wide.Path, path)))
        && (wide.Url is null || (narrow.Url is { } url && Covers(wide.Url, url)))
        && (wide.Command is null || (narrow.Command is { } command && Covers(wide.Command, command)));

    /// <summary>A base also says how paths are read, so that only the same one is known not to widen.</summary>
    private static bool Covers(ArgumentPathPolicy wide, ArgumentPathPolicy narrow) =>
        string.Equals(wide.Base, narrow.Base, StringComparison.Ordinal)
        && (wide.Under is null || narrow.Under?.All(folder => CanonicalPath.TryParse(folder) is { } mine && wide.Under.Any(other => CanonicalPath.TryParse(other) is { } theirs && mine.IsUnder(theirs))) == true)
        && !wide.Deny.Except(narrow.Deny, StringComparer.Ordinal).Any();

    private static bool Covers(ArgumentUrlPolicy wide, ArgumentUrlPolicy narrow) =>
        IsPart(wide.Hosts?.Select(CanonicalHost.CanonicalGlob), narrow.Hosts?.Select(CanonicalHost.CanonicalGlob), StringComparer.Ordinal)
        && (wide.Hosts is not null || wide.AllowPrivate || narrow.Hosts?.Where(ValueGlob.IsExact).Any(static host => CanonicalHost.TryParse(host)?.IsPrivate != false) != true)
        && !wide.Deny.Except(narrow.Deny, StringComparer.OrdinalIgnoreCase).Any()
        && (wide.Schemes is null ? narrow.Schemes is null || IsPart(["http", "https"], narrow.Schemes, StringComparer.OrdinalIgnoreCase) : IsPart(wide.Schemes, narrow.Schemes, StringComparer.OrdinalIgnoreCase))
        && (wide.Ports is null ? narrow.Ports is null : IsPart(wide.Ports, narrow.Ports, EqualityComparer<int>.Default))
        && (wide.AllowPrivate || !narrow.AllowPrivate);

    private static bool Covers(ArgumentCommandPolicy wide, ArgumentCommandPolicy narrow) =>
        (wide.Allow is null || narrow.Allow?.All(mine => wide.Allow.Any(theirs => Begins(mine, theirs))) == true)
        && !wide.Deny.Except(narrow.Deny, StringComparer.Ordinal).Any()
        && !narrow.Shell.Except(wide.Shell, StringComparer.Ordinal).Any();

    private static bool Begins(string command, string beginning) =>
        CommandRule.Words(command) is { } words && CommandRule.Words(beginning) is { } first && words.Length >= first.Length && words.AsSpan(0, first.Length).SequenceEqual(first);

    /// <summary>Whether a list that lets pass what is in it is no longer than another one; null lets everything pass.</summary>
    private static bool IsPart<T>(IEnumerable<T>? wide, IEnumerable<T>? narrow, IEqualityComparer<T> comparer) => wide is null || (narrow is not null && !narrow.Except(wide, comparer).Any());
}
