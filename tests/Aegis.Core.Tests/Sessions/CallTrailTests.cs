using CsCheck;

namespace Aegis.Core.Tests.Sessions;

public class CallTrailTests
{
    [Fact]
    public void TheSameCallWithTheSameResultIsCounted() => Assert.Equal(3, CallTrail.Repeats(Trail("A1 A1 A1"), 'A'));

    [Fact]
    public void AChangedResultStartsTheCountAgain() => Assert.Equal(1, CallTrail.Repeats(Trail("A1 A1 A1 A2"), 'A'));

    [Fact]
    public void ACallWithoutAResultCountsToo() => Assert.Equal(3, CallTrail.Repeats(Trail("A A A"), 'A'));

    [Fact]
    public void ACycleOverSeveralCallsIsCounted()
    {
        var trail = Trail("A1 B2 A1 B2 A1 B2");

        Assert.Equal((3, 3, 0), (CallTrail.Repeats(trail, 'A'), CallTrail.Repeats(trail, 'B'), CallTrail.Repeats(trail, 'C')));
    }

    [Fact]
    public void TheCountIsThatOfAPlainList() => Gen.Select(Gen.Char["ABC"], Gen.Char[" 12"]).Array[0, 40].Sample(static pairs =>
    {
        var trail = Trail(string.Join(' ', pairs.Select(static pair => $"{pair.Item1}{pair.Item2}".Trim())));
        foreach (var call in "ABC")
        {
            int repeats = 0, result = 0;
            foreach (var (_, answer) in pairs.Where(pair => pair.Item1 == call).Reverse())
            {
                if (answer != ' ' && result != 0 && answer != result)
                {
                    break;
                }

                result = answer == ' ' ? result : answer;
                repeats++;
            }

            Assert.Equal(repeats, CallTrail.Repeats(trail, call));
        }
    }, iter: 2_000);

    [Fact]
    public void ALongTrailIsBounded()
    {
        CallTrail? trail = null;
        for (var i = 0; i < 10_000; i++)
        {
            trail = CallTrail.Add(trail, (ulong)i + 1, 0);
        }

        var length = 0;
        for (var node = trail; node is not null; node = node.Previous)
        {
            Assert.Equal(10_000UL - (ulong)length++, node.Call);
        }

        Assert.InRange(length, 128, 257);
    }

    /// <summary>"A1 B": call A answered 1, then call B without an answer.</summary>
    private static CallTrail? Trail(string history)
    {
        CallTrail? trail = null;
        foreach (var entry in history.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            trail = CallTrail.Add(trail, entry[0], 0);
            trail = entry.Length > 1 ? CallTrail.Add(trail, entry[0], entry[1]) : trail;
        }

        return trail;
    }
}
