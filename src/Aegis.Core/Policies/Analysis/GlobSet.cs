using Aegis.Tools;

namespace Aegis.Policies.Analysis;

/// <summary>The names that any of some globs matches, as a language.</summary>
/// <param name="globs">The globs.</param>
internal sealed class GlobSet(IEnumerable<string> globs)
{
    private readonly string[] _patterns = [.. globs.Where(ToolName.IsWellFormed).Select(Glob.Canonical)];

    /// <summary>The characters that the globs tell apart.</summary>
    public IEnumerable<char> Literals => _patterns.SelectMany(static pattern => pattern).Where(static c => c is not ('*' or '?'));

    /// <summary>The places in all globs at which the empty name is.</summary>
    public HashSet<int> Start()
    {
        var places = new HashSet<int>();
        for (var i = 0; i < _patterns.Length; i++)
        {
            Enter(places, i, 0);
        }

        return places;
    }

    /// <summary>The places after one more character.</summary>
    public HashSet<int> Step(HashSet<int> places, char c)
    {
        var next = new HashSet<int>();
        foreach (var place in places)
        {
            var (pattern, at) = (place / Stride, place % Stride);
            if (at < _patterns[pattern].Length)
            {
                var wanted = _patterns[pattern][at];
                if (wanted == '*')
                {
                    Enter(next, pattern, at);
                }
                else if (wanted == '?' || wanted == c)
                {
                    Enter(next, pattern, at + 1);
                }
            }
        }

        return next;
    }

    /// <summary>Whether a name that ends at these places is matched.</summary>
    public bool Accepts(HashSet<int> places) => places.Any(place => place % Stride == _patterns[place / Stride].Length);

    private const int Stride = ToolName.MaxLength + 1;

    /// <summary>A star may also stand for nothing.</summary>
    private void Enter(HashSet<int> places, int pattern, int at)
    {
        for (places.Add((pattern * Stride) + at); at < _patterns[pattern].Length && _patterns[pattern][at] == '*'; places.Add((pattern * Stride) + at))
        {
            at++;
        }
    }
}
