using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Aegis;

/// <summary>
/// Where a session comes from: when it began, and up to which number each of those who wrote it last has written it. A state that comes after another one has
/// all that the other one has; where something is missing Redis has lost it, however often it was written since. Immutable.
/// </summary>
/// <param name="Birth">Of the first writing, random; 0: it was written before there were any.</param>
/// <param name="Writers">Who wrote it last, and the number of the last writing of each: the highest first, <see cref="Most"/> at most.</param>
internal sealed record Lineage(uint Birth, ImmutableArray<(uint Writer, long Number)> Writers)
{
    /// <summary>Writers that are remembered.</summary>
    public const int Most = 8;

    /// <summary>Of a session that nobody has written.</summary>
    public static readonly Lineage None = new(0, []);

    /// <summary>An id that nobody has: never 0.</summary>
    public static uint NewId() => BinaryPrimitives.ReadUInt32LittleEndian(RandomNumberGenerator.GetBytes(sizeof(uint))) | 1;

    /// <summary>The one of a writing that comes after this.</summary>
    public Lineage Next(uint writer, long number) =>
        new(Birth == 0 ? NewId() : Birth, Newest([(writer, number), .. Writers.Where(known => known.Writer != writer)]));

    /// <summary>Whether a state with this comes after one with another: of those who were forgotten here, because others have written later, it is taken to.</summary>
    public bool Holds(Lineage earlier) => Birth == 0 || earlier.Birth == 0
        || (Birth == earlier.Birth && earlier.Writers.All(known => NumberOf(known.Writer) is { } number ? number >= known.Number : Writers.Length == Most && Writers[^1].Number > known.Number));

    /// <summary>That of a state that both have gone into.</summary>
    public Lineage And(Lineage other) =>
        new(Birth == 0 ? other.Birth : Birth, Newest(Writers.Concat(other.Writers).GroupBy(static known => known.Writer).Select(static same => (same.Key, same.Max(static known => known.Number)))));

    private long? NumberOf(uint writer)
    {
        foreach (var known in Writers)
        {
            if (known.Writer == writer)
            {
                return known.Number;
            }
        }

        return null;
    }

    private static ImmutableArray<(uint Writer, long Number)> Newest(IEnumerable<(uint Writer, long Number)> writers) =>
        [.. writers.OrderByDescending(static known => known.Number).Take(Most)];
}
