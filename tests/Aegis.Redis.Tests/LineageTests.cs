using CsCheck;

namespace Aegis.Redis.Tests;

public sealed class LineageTests
{
    private static readonly Gen<int[]> Writers = Gen.Int[1, 12].Array[1, 60];

    /// <summary>A line of writings by some, of which each state is behind all that came before.</summary>
    [Fact]
    public void WhatWasWrittenSinceComesAfterWhatWasThere() => Writers.Sample(static writers =>
    {
        var line = LineOf(Lineage.None, 0, writers);
        for (var later = 0; later < line.Count; later++)
        {
            Assert.All(line.Take(later + 1), earlier => Assert.True(line[later].Holds(earlier)));
        }
    }, iter: 300);

    /// <summary>Some of it is lost, and others go on from there, under other names than those who wrote what is gone.</summary>
    [Fact]
    public void WhatWasLostShowsHoweverOftenSomeOthersWriteSince() => Gen.Select(Gen.Int[1, 4].Array[1, 60], Gen.Int[1, 4].Array[0, 60], Gen.Int[0, 59]).Sample(static (before, after, at) =>
    {
        var line = LineOf(Lineage.None, 0, before);
        var kept = at % line.Count;   // writings that are not lost
        var known = line[^1];
        var other = LineOf(kept == 0 ? Lineage.None : line[kept - 1], kept, [.. after.Select(static writer => writer + 100)]);

        Assert.All(other, there => Assert.False(there.Holds(known)));
        Assert.All(other, there => Assert.True(there.And(known).Holds(there)));
        Assert.All(other, there => Assert.True(kept == 0 || there.And(known).Holds(known)));   // another birth shows for good
    }, iter: 300);

    [Fact]
    public void ASessionThatBeganAnewIsAnotherOneHoweverManyHaveWrittenIt()
    {
        var known = LineOf(Lineage.None, 0, [1])[0];
        Assert.All(LineOf(Lineage.None, 0, [.. Enumerable.Range(2, 40)]), there => Assert.False(there.Holds(known)));
    }

    private static List<Lineage> LineOf(Lineage from, long number, int[] writers)
    {
        var line = new List<Lineage>();
        foreach (var writer in writers)
        {
            from = from.Next((uint)writer, ++number);
            line.Add(from);
        }

        return line;
    }
}
