using System.Text;
using Aegis.Fuzzing.Targets;
using Microsoft.Extensions.AI;

namespace Aegis.Fuzzing.Tests.Targets;

public class HistoryTargetTests
{
    private const string Conversation = """
        [{"role":"user","contents":[{"$type":"text","text":"Look for trains."}]},
         {"role":"assistant","contents":[{"$type":"text","text":"Let me see."},{"$type":"functionCall","callId":"c1","name":"search","arguments":{"value":"trains"}}]},
         {"role":"tool","contents":[{"$type":"functionResult","callId":"c1","result":{"found":3}}]},
         {"role":"assistant","contents":[{"$type":"text","text":"There are three."}]}]
        """;

    public static TheoryData<int> Edits => [.. Enumerable.Range(0, HistoryEdits.Count)];

    [Fact]
    public void TheLawHoldsForEveryInputThatIsKept() => Inputs.Replay(new HistoryTarget(), "history");

    /// <summary>Promise P10, for conversations that clients keep.</summary>
    [Fact]
    public void TheLawHoldsForInputsThatNobodyHasWritten() => Inputs.Invent(static () => new HistoryTarget(), "history", Extent.Of(500_000, 4_000), 47);

    [Fact]
    public void AVerifierThatThrowsIsNoticed() => Assert.Throws<FormatException>(static () => new HistoryTarget(static _ => throw new FormatException()).Run(Input(0, 0, 0)));

    [Fact]
    public void AVerifierThatAccusesEverybodyIsNoticed() => Noticed(static _ => Verdict.Of(Finding.Block("integrity/changed")), Input(0, 0, 0));

    [Fact]
    public void AVerifierThatAcceptsWhatNobodyHasSignedIsNoticed() => Noticed(static _ => Verdict.None, Input(0, 0, 0));

    /// <summary>It finds what was never signed and what another session has signed, and takes every change for what was signed. Where only the signature is changed, all that was signed is there.</summary>
    [Theory, MemberData(nameof(Edits))]
    public void AVerifierThatAcceptsAChangeIsNoticed(int edit)
    {
        var inputs = from place in Enumerable.Range(0, 4) from what in Enumerable.Range(0, 4) select Input(edit, place, what);
        Assert.Equal(edit < HistoryEdits.Count - 2, inputs.Any(static input =>
        {
            var asked = 0;
            return Breaks(_ => asked++ is 1 or 2 ? Verdict.None : Verdict.Of(Finding.Block("integrity/unsigned")), input);
        }));
    }

    private static void Noticed(Func<IReadOnlyList<ChatMessage>, Verdict> wrong, byte[] input) => Assert.True(Breaks(wrong, input));

    private static bool Breaks(Func<IReadOnlyList<ChatMessage>, Verdict> wrong, byte[] input)
    {
        try
        {
            new HistoryTarget(wrong).Run(input);
            return false;
        }
        catch (LawBrokenException)
        {
            return true;
        }
    }

    private static byte[] Input(int edit, int where, int what) => [(byte)'8', (byte)edit, (byte)where, (byte)what, .. Encoding.UTF8.GetBytes(Conversation)];
}
