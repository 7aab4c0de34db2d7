using System.Collections.Frozen;

namespace Aegis.Tools;

/// <summary>
/// Some globs, found by what a name begins or ends with, so that a decision does not look at each: exact names cost one look-up however many there
/// are, globs one for each length of their literal beginnings and ends. Names and globs with other than ASCII characters look alike in several forms
/// and are looked through one by one.
/// </summary>
internal sealed class GlobIndex
{
    private readonly Glob[] _globs;
    private readonly bool _isAscii;
    private readonly FrozenDictionary<string, int[]> _exact;
    private readonly (int Length, FrozenDictionary<string, int[]> Globs)[] _beginnings;
    private readonly (int Length, FrozenDictionary<string, int[]> Globs)[] _ends;

    public GlobIndex(IEnumerable<string> globs)
    {
        _globs = [.. globs.Select(static text => new Glob(text))];
        _isAscii = Array.TrueForAll(_globs, static glob => glob.IsAscii);
        var known = _globs.Select(static (glob, i) => (Index: i, glob.IsExact, Text: Glob.Canonical(glob.Text))).ToList();
        _exact = By(known.Where(static glob => glob.IsExact), static text => text);
        _beginnings = ByLength(known.Where(static glob => !glob.IsExact && Beginning(glob.Text).Length >= End(glob.Text).Length), Beginning);
        _ends = ByLength(known.Where(static glob => !glob.IsExact && Beginning(glob.Text).Length < End(glob.Text).Length), End);
    }

    /// <summary>The first glob that a permission may come from, or null.</summary>
    public Glob? FirstPlain(ToolName name)
    {
        if (!_isAscii || name.IsLookAlike)
        {
            return Array.Find(_globs, glob => glob.MatchesPlain(name));
        }

        var first = Candidates(name).Where(i => _globs[i].MatchesPlain(name)).DefaultIfEmpty(-1).Min();
        return first < 0 ? null : _globs[first];
    }

    /// <summary>The first glob that restricts a tool by one of its names, or null.</summary>
    public Glob? FirstRestricting(ToolName name, ToolName local)
    {
        if (!_isAscii || name.IsLookAlike || local.IsLookAlike)
        {
            return Array.Find(_globs, glob => glob.MatchesSkeleton(name) || glob.MatchesSkeleton(local));
        }

        var first = Restricting(name, local).DefaultIfEmpty(-1).Min();
        return first < 0 ? null : _globs[first];
    }

    /// <summary>The places of all globs that restrict a tool by one of its names, in order.</summary>
    public IEnumerable<int> AllRestricting(ToolName name, ToolName local) => !_isAscii || name.IsLookAlike || local.IsLookAlike
        ? Enumerable.Range(0, _globs.Length).Where(i => _globs[i].MatchesSkeleton(name) || _globs[i].MatchesSkeleton(local))
        : Restricting(name, local).Distinct().Order();

    private IEnumerable<int> Restricting(ToolName name, ToolName local) =>
        Candidates(name).Where(i => _globs[i].MatchesSkeleton(name)).Concat(name == local ? [] : Candidates(local).Where(i => _globs[i].MatchesSkeleton(local)));

    private List<int> Candidates(ToolName name)
    {
        var text = Glob.Folded(name.Plain);
        var found = new List<int>();
        if (_exact.TryGetValue(text, out var same))
        {
            found.AddRange(same);
        }

        foreach (var (length, globs) in _beginnings)
        {
            if (length <= text.Length && globs.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text.AsSpan(0, length), out var some))
            {
                found.AddRange(some);
            }
        }

        foreach (var (length, globs) in _ends)
        {
            if (length <= text.Length && globs.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text.AsSpan(text.Length - length), out var some))
            {
                found.AddRange(some);
            }
        }

        return found;
    }

    private static string Beginning(string glob) => glob.AsSpan().IndexOfAny('*', '?') is >= 0 and var end ? glob[..end] : glob;

    private static string End(string glob) => glob[(glob.AsSpan().LastIndexOfAny('*', '?') + 1)..];

    private static (int, FrozenDictionary<string, int[]>)[] ByLength(IEnumerable<(int Index, bool IsExact, string Text)> globs, Func<string, string> key) =>
        [.. globs.GroupBy(glob => key(glob.Text).Length).Select(group => (group.Key, By(group, key)))];

    private static FrozenDictionary<string, int[]> By(IEnumerable<(int Index, bool IsExact, string Text)> globs, Func<string, string> key) =>
        globs.GroupBy(glob => key(glob.Text), StringComparer.Ordinal).ToFrozenDictionary(static group => group.Key, static group => group.Select(static glob => glob.Index).ToArray(), StringComparer.Ordinal);
}
