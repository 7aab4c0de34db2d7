using Aegis.Flow;
using CsCheck;

namespace Aegis.Core.Tests.Flow;

public class FlowSealTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(static i => (byte)i)];
    private static readonly SessionId Session = new("s", "ann");

    [Fact]
    public void WhatWasSealedIsOpenedInAnyNumber() =>
        Gen.Byte.Array[0, 300].Array[0, 5].Sample(static entries =>
        {
            var seal = new FlowSeal(Key, Session);
            return new FlowSeal(Key, Session).Open([.. entries.SelectMany(entry => seal.Close(entry))]).Select(Convert.ToHexString).SequenceEqual(entries.Select(Convert.ToHexString));
        });

    [Fact]
    public void NothingThatWasChangedOrCutIsOpened()
    {
        var seal = new FlowSeal(Key, Session);
        var log = (byte[])[.. seal.Close([1, 2, 3]), .. seal.Close([4, 5])];
        for (var i = 0; i < log.Length; i++)
        {
            var changed = (byte[])log.Clone();
            changed[i] ^= 0x10;
            Assert.Throws<InvalidDataException>(() => seal.Open(changed));
            if (i is not (0 or (1 + 4 + 12 + 3 + 16)))   // between two entries a log may end
            {
                Assert.Throws<InvalidDataException>(() => seal.Open(log.AsSpan(0, i)));
            }
        }
    }

    [Fact]
    public void NothingOfAnotherSessionOrKeyIsOpened()
    {
        var entry = new FlowSeal(Key, Session).Close([1]);
        FlowSeal[] others = [new(Key, new("s")), new(Key, new("s", "bob")), new([.. Key.Reverse()], Session)];
        Assert.All(others, other => Assert.Throws<InvalidDataException>(() => other.Open(entry)));
        Assert.Equal(4, others.Select(static other => other.Seed).Append(new FlowSeal(Key, Session).Seed).Distinct().Count());
    }

    [Fact]
    public void NobodyReadsInItWhatWasSealed()
    {
        var text = "the canary sings at noon"u8.ToArray();
        Assert.False(new FlowSeal(Key, Session).Close(text).AsSpan().IndexOf(text.AsSpan(0, 4)) >= 0);
    }
}
