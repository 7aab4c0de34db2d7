using Aegis.Scanning.Rules.Automata;

namespace Aegis.Scanning;

/// <summary>
/// Reads an answer ahead of its readers and tells, at a step a character, which of them can find nothing. Not thread-safe: one answer, one sieve.
/// </summary>
internal sealed class OutputSieve
{
    private const int Most = 32;      // characters that something goes on for before it is looked at more closely
    private const int Last = 16;      // of them may be of what began last
    private const int Longest = 128;  // characters that are looked at

    private readonly Sieve _sieve = KnownRules.Sieve;
    private SievePlace _place = KnownRules.Sieve.Begin();
    private int _clear;
    private int _read;
    private bool _isLost;   // there is no room for the node of what was read: the readers are asked until nothing goes on

    /// <summary>Nothing that begins before it goes on behind what was read.</summary>
    public int Clear => _clear;

    /// <summary>Reads what has come.</summary>
    /// <param name="text">All that is there.</param>
    public void Read(ReadOnlySpan<char> text)
    {
        if (!_isLost && !_sieve.Read(text[_read..], _read, ref _place, ref _clear))
        {
            (_isLost, _place) = (true, default);
        }

        _read = text.Length;
    }

    /// <summary>Whether something may have ended in some lanes, one bit each, behind a position.</summary>
    public bool HasEnded(int lanes, int settled)
    {
        if (_isLost)
        {
            return true;
        }

        for (var lane = 0; lane < Sieve.Lanes; lane++)
        {
            if ((lanes & (1 << lane)) != 0 && _place.Ended[lane] > settled)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether something goes on for so long that only the readers can tell what it is.</summary>
    /// <param name="text">What was read.</param>
    /// <param name="settled">The position before which everything was judged.</param>
    public bool GoesOn(ReadOnlySpan<char> text, int settled)
    {
        if (_isLost || text.Length - Math.Max(settled, _clear) <= Most)
        {
            return false;
        }

        // One thing may have begun in another, so that something always went on: what began first may have ended long ago.
        var last = text.Length - Last;
        var (place, ignored, end) = (_sieve.Begin(text[.._clear]), 0, 0);
        if (text.Length - _clear <= Longest)
        {
            var isDead = _sieve.Read(text[_clear..last], 0, ref place, ref ignored) && Sieve.Close(ref place) && _sieve.Read(text[last..], 0, ref place, ref end) && end == Last;
            _clear = isDead ? last : _clear;
        }

        return text.Length - Math.Max(settled, _clear) > Most;
    }

    /// <summary>Nothing that has begun goes on: readers have read all of it.</summary>
    public void BeginBehind(ReadOnlySpan<char> text) => (_place, _clear, _isLost) = (_sieve.Begin(text), text.Length, false);

    /// <summary>Characters at the beginning are forgotten.</summary>
    public void Forget(int count)
    {
        (_clear, _read) = (Math.Max(0, _clear - count), Math.Max(0, _read - count));
        for (var lane = 0; lane < Sieve.Lanes; lane++)
        {
            _place.Ended[lane] = Math.Max(0, _place.Ended[lane] - count);
        }
    }
}
