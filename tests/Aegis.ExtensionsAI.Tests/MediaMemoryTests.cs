namespace Aegis.ExtensionsAI.Tests;

public class MediaMemoryTests
{
    private const int Mebibyte = 1024 * 1024;

    private static readonly SessionId Session = new("s");

    [Fact]
    public void ItHoldsNoMoreThanItMayAndForgetsTheOldest()
    {
        var (memory, policy) = (new MediaMemory(), AegisGuard.Create(Some.Balanced).Pipeline);
        var bytes = new byte[Mebibyte];
        for (var i = 0; i < 200; i++)
        {
            memory.Remember(policy, Session, (UInt128)i, new("image/png", bytes));
        }

        var held = Enumerable.Range(0, 200).Where(i => memory.TryGet(policy, Session, (UInt128)i) is not null).ToList();
        Assert.InRange(held.Count, 31, 64);
        Assert.Equal(Enumerable.Range(200 - held.Count, held.Count), held);
    }

    [Fact]
    public void WhatIsTooLargeIsNotKept()
    {
        var (memory, policy) = (new MediaMemory(), AegisGuard.Create(Some.Balanced).Pipeline);
        memory.Remember(policy, Session, 1, new("image/png", new byte[33 * Mebibyte]));
        memory.Remember(policy, Session, 2, new("image/png", default) { Text = new string('x', 17 * Mebibyte) });
        Assert.Null(memory.TryGet(policy, Session, 1));
        Assert.Null(memory.TryGet(policy, Session, 2));
    }

    [Fact]
    public void WhatWasReadUnderAnotherPolicyOrInAnotherSessionDoesNotCount()
    {
        var (memory, policy) = (new MediaMemory(), AegisGuard.Create(Some.Balanced).Pipeline);
        memory.Remember(policy, Session, 1, new("image/png", default));
        Assert.NotNull(memory.TryGet(policy, Session, 1));
        Assert.Null(memory.TryGet(policy, new SessionId("t"), 1));
        Assert.Null(memory.TryGet(AegisGuard.Create(Some.Balanced).Pipeline, Session, 1));
    }
}
