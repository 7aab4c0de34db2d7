using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using CsCheck;

namespace Aegis.Core.Tests.Sessions;

public class SessionCodecTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    /// <summary>Every member has something to say, and so has every part of it.</summary>
    private static SessionState Full { get; } = SessionState.Empty with
    {
        Lock = new(SessionLockKind.Quarantined, Now.AddHours(1)),
        Meters = [new WindowMeter(new("limit/pay", TimeSpan.TicksPerHour), 0, 0, []).Add(Now, 2).Add(Now.AddMinutes(3), 5).Add(Now.AddMinutes(9), long.MaxValue), new WindowMeter(new("wallet/tokens", 640), 7, 1, [])],
        Runs =
        [
            new(new(3, ulong.MaxValue), new(2, 9), Now.UtcTicks) { Steps = 4, Risk = 0.1 + 0.2, PendingRisk = double.Epsilon, Closed = true, Trail = CallTrail.Add(CallTrail.Add(null, ulong.MaxValue, 0), 5, 6) },
            new(new(4, 1), default, Now.AddDays(1).UtcTicks) { Spent = new(true, Now.UtcTicks) { ToolCalls = 1, EgressBytes = 300, Tokens = long.MaxValue, CostMicros = 7 } },
        ],
        Pending = [new("aegis-\u00e9\"<\ud83d\ude00", [.. RandomNumberGenerator.GetBytes(32)], "0123456789abcdef", Now.AddMinutes(5))],
        Labels = SessionLabels.Both,
        Risks = new([RiskMark.Of("a", 140), RiskMark.Of("b", 0), RiskMark.Of("c", RiskMark.Blocked)], Now.AddHours(1).UtcTicks),
        Strikes = [new(Strike.TextOf("a"), Now.AddHours(1).UtcTicks), new(Strike.TextOf("b"), Now.AddMinutes(1).UtcTicks)],
        Histories = [new(ulong.MaxValue, 2, UInt128.MaxValue, 1, 7), new(1, 300, (UInt128)9 << 90, int.MaxValue, UInt128.One)],
    };

    private static SessionId Id { get; } = new("conversation-7", "user-42");

    [Fact]
    public void EveryMemberIsWrittenAndReadAgain()
    {
        var back = SessionState.FromBytes(Id, Full.ToBytes(Id));
        foreach (var member in typeof(SessionState).GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Where(static member => member.Name != "EqualityContract"))
        {
            var (empty, full, read) = (member.GetValue(SessionState.Empty), member.GetValue(Full), member.GetValue(back));
            Assert.False(Same(empty, full), $"the sample has no {member.Name}: give it one, and write and read it in SessionCodec");
            Assert.True(Same(full, read), $"{member.Name} is not what it was");
        }

        Assert.Equal(Full.ToBytes(Id), back.ToBytes(Id));

        static bool Same(object? a, object? b) => a is System.Collections.IEnumerable left && b is System.Collections.IEnumerable right
            ? left.Cast<object>().Select(Text).SequenceEqual(right.Cast<object>().Select(Text), StringComparer.Ordinal)
            : Equals(a, b);

        static string Text(object item) => item switch
        {
            WindowMeter meter => FormattableString.Invariant($"{meter.Account} {meter.Bucket} {meter.Count} {string.Join(' ', meter.Older)}"),
            PendingApproval pending => FormattableString.Invariant($"{pending.RequestId} {Convert.ToHexString(pending.Binding.AsSpan())} {pending.Policy} {pending.Expires.UtcTicks}"),
            _ => item.ToString()!,
        };
    }

    [Fact]
    public void WhatIsReadCountsLikeWhatWasWritten()
    {
        var back = SessionState.FromBytes(Id, Full.ToBytes(Id));
        Assert.Equal((2, 0), (CallTrail.Add(back.Runs[0].Trail, ulong.MaxValue, 0).Length - 1, CallTrail.Repeats(back.Runs[0].Trail, 77)));
        Assert.Equal(Full.Meters[0].Used(Now.AddMinutes(30)), back.Meters[0].Used(Now.AddMinutes(30)));
        Assert.True(back.IsLocked(Now));
        Assert.All(Enum.GetValues<SessionLockKind>().Where(static kind => kind != SessionLockKind.None), static kind =>
            Assert.Equal(new SessionLock(kind, null), SessionState.FromBytes(Id, (SessionState.Empty with { Lock = new(kind, null) }).ToBytes(Id)).Lock));
    }

    [Fact]
    public void ALongTrailIsReadWhole()
    {
        CallTrail? trail = null;
        for (var i = 1UL; i <= 1_000; i++)
        {
            trail = CallTrail.Add(trail, i, i % 3);
            if (!Extent.IsWhole && i > 100 && i % 50 != 0)
            {
                continue;
            }

            var state = SessionState.Empty with { Runs = [new(new(1), default, 1) { Trail = trail }] };
            Assert.Equal(trail.ToString(), SessionState.FromBytes(Id, state.ToBytes(Id)).Runs[0].Trail!.ToString());
        }
    }

    [Fact]
    public void AStateSaysLittle()
    {
        Assert.Equal(17, SessionState.Empty.ToBytes(Id).Length);   // its version and the checksum
        Assert.Equal(SessionState.Empty, SessionState.FromBytes(Id, SessionState.Empty.ToBytes(Id)));
        var idle = SessionState.Empty with { Labels = SessionLabels.Untrusted, Meters = [new WindowMeter(new("wallet/tokens", TimeSpan.TicksPerHour), 0, 0, []).Add(Now, 12_000)] };
        Assert.InRange(idle.ToBytes(Id).Length, 17, 64);
    }

    [Fact]
    public void AStateIsThatOfItsSessionAlone()
    {
        SessionId[] others = [new("conversation-8", "user-42"), new("conversation-7", "user-43"), new("conversation-7"), new("conversation-7", "user-42", "acme"), Id.PrincipalAccount!.Value];
        Assert.All(others, static other => Assert.Throws<AegisException>(() => SessionState.FromBytes(other, Full.ToBytes(Id))));
    }

    [Fact]
    public void NoByteCanChangeUnnoticed()
    {
        var bytes = Full.ToBytes(Id);
        for (var i = 0; i < bytes.Length; i++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var damaged = (byte[])bytes.Clone();
                damaged[i] ^= (byte)(1 << bit);
                ShouldRefuse(damaged);
            }

            ShouldRefuse(bytes[..i]);   // a torn write
            ShouldRefuse([.. bytes[..i], .. bytes[(i + 1)..]]);
        }

        ShouldRefuse([.. bytes, 0]);
        ShouldRefuse([.. bytes, .. bytes]);
        ShouldRefuse(new byte[bytes.Length]);
    }

    public static TheoryData<string, byte[]> Unwritten
    {
        get
        {
            var id = new byte[] { 1, 9, 9, 9, 9, 9, 9, 9, 9 };   // a run's
            var risk = new byte[8];
            var binding = new byte[32];
            byte[] tooFar = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F];
            return new()
            {
                { "an older version", [1] },
                { "a newer version", [3] },
                { "an older schema", Encoding.UTF8.GetBytes("{\"version\":1") },
                { "a member that is not known", [2, 99] },
                { "no member", [2, 0] },
                { "a member twice", [2, 5, 1, 5, 1] },
                { "members in another order", [2, 5, 1, 1, 2, 0] },
                { "a member that is cut off", [2, 1] },
                { "no labels", [2, 5, 0] },
                { "labels that are not known", [2, 5, 4] },
                { "a lock of no kind", [2, 1, 0, 0] },
                { "a lock of a kind that is not known", [2, 1, 99, 0] },
                { "a lock beyond all time", [2, 1, 2, .. tooFar] },
                { "no meters", [2, 2, 0] },
                { "a meter without a name", [2, 2, 1, 0, 1, 0, 0, 0] },
                { "a meter without a window", [2, 2, 1, 1, (byte)'a', 0, 0, 0, 0] },
                { "a meter whose name is no text", [2, 2, 1, 1, 0xFF, 1, 0, 0, 0] },
                { "a bucket of the future", [2, 2, 1, 1, (byte)'a', 1, 5, 0, 1, 0, 1] },
                { "a bucket before all time", [2, 2, 1, 1, (byte)'a', 1, 5, 0, 1, 6, 1] },
                { "a count that is negative", [2, 2, 1, 1, (byte)'a', 1, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 0] },
                { "a number that is too long", [2, 2, 1, 1, (byte)'a', 0x81, 0, 0, 0, 0] },
                { "a number that never ends", [2, 2, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF] },
                { "more meters than are there", [2, 2, 0xFF, 0xFF, 3, 1, (byte)'a', 1, 0, 0, 0] },
                { "more meters than there can be", [2, 2, 0xFF, 0xFF, 0xFF, 0xFF, 7] },
                { "a run without an id", [2, 3, 1, 0, 0, 1, 0, .. risk, .. risk, 0, 0, 0] },
                { "a run without an end", [2, 3, 1, .. id, 0, 0, 0, .. risk, .. risk, 0, 0, 0] },
                { "a risk that is negative", [2, 3, 1, .. id, 0, 1, 0, .. BitConverter.GetBytes(-0.1), .. risk, 0, 0, 0] },
                { "a risk that is no number", [2, 3, 1, .. id, 0, 1, 0, .. BitConverter.GetBytes(double.NaN), .. risk, 0, 0, 0] },
                { "steps that nobody can take", [2, 3, 1, .. id, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, .. risk, .. risk, 0, 0, 0] },
                { "a run that is neither open nor closed", [2, 3, 1, .. id, 0, 1, 0, .. risk, .. risk, 0, 2, 0] },
                { "a trail that is too long", [2, 3, 1, .. id, 0, 1, 0, .. risk, .. risk, 0, 0, 0x81, 2] },
                { "a question without a name", [2, 4, 1, 0, .. binding, 1, (byte)'p', 1] },
                { "a question without a policy", [2, 4, 1, 1, (byte)'a', .. binding, 0, 1] },
                { "a question without an end", [2, 4, 1, 1, (byte)'a', .. binding, 1, (byte)'p', 0] },
                { "a question whose binding is cut off", [2, 4, 1, 1, (byte)'a', .. binding[..30]] },
                { "risks without an end", [2, 6, 0, 1, 140, 0, 0, 0, 0, 0, 0, 0] },
                { "no risks", [2, 6, 1, 0] },
                { "risks that begin with nothing", [2, 6, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0] },
                { "a risk above all", [2, 6, 1, 1, 255, 0, 0, 0, 0, 0, 0, 0] },
                { "no attacks", [2, 7, 0] },
                { "more attacks than are counted", [2, 7, 17, .. Enumerable.Repeat<byte[]>([0, 1, 1, 1, 1, 1, 1, 1, 1], 17).SelectMany(static strike => strike)] },
                { "an attack with a level", [2, 7, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1] },
                { "an attack without an end", [2, 7, 1, 0, 1, 1, 1, 1, 1, 1, 1, 0] },
                { "spendings of nobody", [2, 8, 0] },
                { "spendings of a run that is not there", [2, 8, 1, .. id, 0, 1, 0, 0, 0, 0] },
                { "spendings of a run twice", [2, 3, 1, .. id, 0, 1, 0, .. risk, .. risk, 0, 0, 0, 8, 2, .. id, 0, 1, 0, 0, 0, 0, .. id, 0, 1, 0, 0, 0, 0] },
                { "a run that is neither an agent nor none", [2, 3, 1, .. id, 0, 1, 0, .. risk, .. risk, 0, 0, 0, 8, 1, .. id, 2, 1, 0, 0, 0, 0] },
                { "something behind it", [2, 5, 1, 0] },
            };
        }
    }

    [Theory, MemberData(nameof(Unwritten), DisableDiscoveryEnumeration = true)]
    public void WhatNobodyHereWouldWriteIsRefusedWhateverItsChecksum(string what, byte[] body)
    {
        Assert.NotEmpty(what);
        ShouldRefuse(Checked(body));
        Assert.Equal(SessionState.Empty, SessionState.FromBytes(Id, Checked([2])));   // the checksum is right
    }

    [Fact]
    public void WhateverIsReadIsWrittenAsItWas() =>
        Gen.Byte.Array[0, 80].Select(Gen.Int[0, 7], static (noise, tag) => (byte[])[2, (byte)tag, .. noise]).Sample(static body =>
        {
            var bytes = Checked(body);
            try
            {
                Assert.Equal(bytes, SessionState.FromBytes(Id, bytes).ToBytes(Id));
            }
            catch (AegisException)
            {
                // refused
            }
        }, iter: Extent.Of(1_000_000, 50_000));

    [Fact]
    public void MoreRunsThanASessionMayHaveAreRefused()
    {
        var run = new RunState(new(1, 1), default, 1);
        var most = SessionState.Empty with { Runs = [.. Enumerable.Repeat(run, SessionState.MaxRuns)] };
        Assert.Equal(SessionState.MaxRuns, SessionState.FromBytes(Id, most.ToBytes(Id)).Runs.Length);
        ShouldRefuse((most with { Runs = most.Runs.Add(run) }).ToBytes(Id));
    }

    [Fact]
    public async Task ADamagedStateBlocks()
    {
        var damaged = Full.ToBytes(Id);
        damaged[20] ^= 1;
        var store = new Guarding.SeamStore { OnRead = _ => new(SessionState.FromBytes(Id, damaged)) };
        Assert.Equal("session/unavailable", await Given.Guard(Given.Open, store: store).RuleOf(new UserInput("x"), new("s")));
    }

    [Fact]
    public async Task ARunOfAnotherProcessIsAnotherRun()
    {
        var guard = Given.Guard(Given.Open with { AgentLoop = new() { MaxSteps = 2 } });
        var run = guard.Run(new("s"));
        await guard.Services.Store.UpdateAsync(run.Session, static (state, id) => (state with { Runs = [new(id with { Process = id.Process + 1 }, default, long.MaxValue / 4) { Steps = 2, Closed = true }] }, 0), run.Id, Given.Cancel);

        Assert.Equal("passes", await run.Step());   // the other one has spent its steps
        Assert.Equal([2, 1], (await guard.Sessions.GetAsync(run.Session, Given.Cancel)).Runs.Select(static known => known.Steps));
    }

    [Fact]
    public void SessionsHaveNamesForStores()
    {
        SessionId[] ids =
        [
            new("a"), new("b"), new("a", "b"), new("a", null, "b"), new("ab", "c"), new("a", "bc"), new("a", "b", "c"), new("b", "a"), new("a", "c", "b"),
            SessionId.Conversation("a"), SessionId.Anonymous("a"), SessionId.Instance("a"),
        ];
        Assert.Equal(ids.Length, ids.Select(static id => id.ToStorageKey()).Distinct(StringComparer.Ordinal).Count());
        Assert.All(ids, static id => Assert.Matches("^[0-9a-f]{64}$", id.ToStorageKey()));
        Assert.Equal(new SessionId("a", "b", "c").ToStorageKey(), new SessionId("a", "b", "c").ToStorageKey());
        Assert.Equal("ff99099a", new SessionId("conversation-7", "user-42").ToStorageKey()[..8]);   // the same in every process and version
        Assert.Throws<InvalidOperationException>(static () => default(SessionId).ToStorageKey());
    }

    private static void ShouldRefuse(byte[] bytes) => Assert.Throws<AegisException>(() => SessionState.FromBytes(Id, bytes));

    private static byte[] Checked(byte[] body) => [.. body, .. SHA256.HashData([.. Encoding.ASCII.GetBytes(Id.ToStorageKey()), .. body])[..16]];
}
