using System.Buffers;
using Aegis.Scanning.Normalizing;

namespace Aegis.Scanning.Rules;

/// <summary>The keywords in a text's letters that stand near something that is not plainly written: of others the canonical text says it all.</summary>
/// <param name="lengths">Of the keywords.</param>
/// <param name="loose">The text.</param>
internal struct OddHits(int[] lengths, LooseText loose) : IKeywordSink, IDisposable
{
    private const int Near = 3 * Pattern.MaxLooseSpan;   // farther apart, two texts are in no window

    private (int Keyword, int End)[] _hits = ArrayPool<(int, int)>.Shared.Rent(256);
    private int _count;

    public void Found(int keyword, int end)
    {
        if (_count == _hits.Length)
        {
            Grow();
        }

        _hits[_count++] = (keyword, end);
    }

    /// <summary>Tells of them, from left to right.</summary>
    public void Tell<TSink>(ref TSink sink)
        where TSink : IKeywordSink, allows ref struct
    {
        var (ahead, lastOdd) = (0, -Near);
        for (var i = 0; i < _count; i++)
        {
            var (keyword, end) = _hits[i];
            for (; ahead < _count && _hits[ahead].End <= end + Near; ahead++)
            {
                lastOdd = loose.IsOdd(_hits[ahead].End - lengths[_hits[ahead].Keyword], _hits[ahead].End) ? _hits[ahead].End : lastOdd;
            }

            if (lastOdd >= end - Near || loose.AnyOdd(end - Near, end + Near))
            {
                sink.Found(keyword, end);
            }
        }
    }

    public void Dispose() => ArrayPool<(int, int)>.Shared.Return(_hits);

    private void Grow()
    {
        var larger = ArrayPool<(int, int)>.Shared.Rent(_hits.Length * 2);
        _hits.CopyTo(larger, 0);
        ArrayPool<(int, int)>.Shared.Return(_hits);
        _hits = larger;
    }
}
