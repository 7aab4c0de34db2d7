using System.Buffers;

namespace Aegis.Scanning.Decoding;

/// <summary>
/// Runs of an alphabet that were broken into lines or groups of one length, when there are several: where they stand, and how many characters they are
/// without the breaks. Goes through them without allocating.
/// </summary>
/// <param name="text">The text.</param>
/// <param name="alphabet">The alphabet.</param>
/// <param name="minGroup">The fewest characters of the first run of a group.</param>
internal struct TokenGroups(string text, SearchValues<char> alphabet, int minGroup)
{
    private const int MaxBreak = 8;   // a line break, an indent, a quotation's mark

    private TokenRuns _runs = new(text, alphabet, 1);
    private TextRange? _first;
    private TextRange _last;
    private int _length;

    /// <summary>The group that was found last.</summary>
    public (TextRange Range, int Length) Current { get; private set; }

    public readonly TokenGroups GetEnumerator() => this;

    /// <summary>Finds the next group.</summary>
    /// <returns>Whether there is one.</returns>
    public bool MoveNext()
    {
        var isGroup = false;
        while (!isGroup && _runs.MoveNext())
        {
            var run = _runs.Current;
            if (_first is not { } group || run.Start - _last.End > MaxBreak || Length(_last) != Length(group) || Length(run) > Length(group))
            {
                isGroup = End();
                _first = Length(run) >= minGroup ? run : null;
                _length = 0;
            }

            _length += Length(run);
            _last = run;
        }

        if (!isGroup)
        {
            isGroup = End();
            _first = null;
        }

        return isGroup;
    }

    private static int Length(TextRange range) => range.End - range.Start;

    /// <returns>Whether what ends here are several runs.</returns>
    private bool End()
    {
        if (_first is not { } first || _last == first)
        {
            return false;
        }

        Current = (new(first.Start, _last.End), _length);
        return true;
    }
}
