using Aegis.Tools;

namespace Aegis.Policies.Analysis;

/// <summary>Questions about all names at once: the sets of globs run side by side over every character that they tell apart, and over one that stands for all others.</summary>
internal static class GlobAlgebra
{
    private const int MaxStates = 20_000;
    private const int MaxWork = 1_000_000;   // places, over all states and characters
    private const char AnyOther = '\u0001';   // no name has it

    /// <summary>
    /// Whether no name, of at least one character, is in the sets in a way that is looked for. Sound: a search that grows too large says no.
    /// </summary>
    /// <param name="sets">The sets.</param>
    /// <param name="isSought">Whether a name that is in these of the sets is looked for.</param>
    public static bool None(IReadOnlyList<GlobSet> sets, Func<bool[], bool> isSought)
    {
        char[] alphabet = [.. sets.SelectMany(static set => set.Literals).Distinct(), AnyOther];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<HashSet<int>[]>();
        open.Enqueue([.. sets.Select(static set => set.Start())]);
        var work = 0;
        while (open.TryDequeue(out var state))
        {
            foreach (var c in alphabet)
            {
                work += state.Sum(static places => places.Count);
                if (work > MaxWork)
                {
                    return false;
                }

                var next = state.Select((places, i) => sets[i].Step(places, c)).ToArray();
                if (!seen.Add(string.Join('|', next.Select(static places => string.Join(',', places.Order())))))
                {
                    continue;
                }

                if (seen.Count > MaxStates || isSought([.. next.Select((places, i) => sets[i].Accepts(places))]))
                {
                    return false;
                }

                open.Enqueue(next);
            }
        }

        return true;
    }

    /// <summary>Whether every name of the first set is in the second.</summary>
    public static bool Contains(IEnumerable<string> all, IEnumerable<string> part)
    {
        var (whole, globs) = (all.ToList(), new List<string>());
        foreach (var text in part)
        {
            if (!IsExact(text))
            {
                globs.Add(text);   // one name is looked for, many are not
            }
            else if (!whole.Exists(glob => Matches(glob, text)))
            {
                return false;
            }
        }

        return globs.Count == 0 || None([new(globs), new(whole)], static isIn => isIn[0] && !isIn[1]);
    }

    /// <summary>Whether no name is in both.</summary>
    public static bool AreDisjoint(IEnumerable<string> a, IEnumerable<string> b)
    {
        var (left, right) = (a.ToList(), b.ToList());
        return !right.Where(IsExact).Any(name => left.Exists(glob => Matches(glob, name))) && !left.Where(IsExact).Any(name => right.Exists(glob => Matches(glob, name)))
            && (right.TrueForAll(IsExact) || left.TrueForAll(IsExact) || None([new(left), new(right)], static isIn => isIn[0] && isIn[1]));
    }

    private static bool IsExact(string glob) => !glob.AsSpan().ContainsAny('*', '?');

    private static bool Matches(string glob, string name) => ToolName.IsWellFormed(glob) && ToolName.IsWellFormed(name) && new Glob(glob).MatchesPlain(ToolName.Of(name));
}
