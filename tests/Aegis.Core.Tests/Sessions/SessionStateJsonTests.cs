using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Aegis.Core.Tests.Sessions;

public class SessionStateJsonTests
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
            new(new(4, 1), default, Now.AddDays(1).UtcTicks),
        ],
        Pending = [new("aegis-\u00e9\"<\ud83d\ude00", [.. RandomNumberGenerator.GetBytes(32)], "0123456789abcdef", Now.AddMinutes(5))],
        Labels = SessionLabels.Both,
        Risks = new([RiskMark.Of("a", 140), RiskMark.Of("b", 0), RiskMark.Of("c", RiskMark.Blocked)], Now.AddHours(1).UtcTicks),
    };

    [Fact]
    public void EveryMemberIsWrittenAndReadAgain()
    {
        var back = SessionState.FromUtf8Json(Full.ToUtf8Json());
        foreach (var member in typeof(SessionState).GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Where(static member => member.Name != "EqualityContract"))
        {
            var (empty, full, read) = (member.GetValue(SessionState.Empty), member.GetValue(Full), member.GetValue(back));
            Assert.False(Same(empty, full), $"the sample has no {member.Name}: give it one, and write and read it in SessionStateJson");
            Assert.True(Same(full, read), $"{member.Name} is not what it was");
        }

        Assert.Equal(Full.ToUtf8Json(), back.ToUtf8Json());

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
        var back = SessionState.FromUtf8Json(Full.ToUtf8Json());
        Assert.Equal((2, 0), (CallTrail.Add(back.Runs[0].Trail, ulong.MaxValue, 0).Length - 1, CallTrail.Repeats(back.Runs[0].Trail, 77)));
        Assert.Equal(Full.Meters[0].Used(Now.AddMinutes(30)), back.Meters[0].Used(Now.AddMinutes(30)));
        Assert.True(back.IsLocked(Now));
        Assert.True(SessionState.FromUtf8Json((SessionState.Empty with { Lock = new(SessionLockKind.Banned, null) }).ToUtf8Json()).IsLocked(Now.AddYears(5)));
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
            Assert.Equal(trail.ToString(), SessionState.FromUtf8Json(state.ToUtf8Json()).Runs[0].Trail!.ToString());
        }
    }

    [Fact]
    public void AnEmptyStateSaysLittle()
    {
        var json = SessionState.Empty.ToUtf8Json();
        Assert.StartsWith("{\"version\":1,\"check\":\"", Encoding.UTF8.GetString(json), StringComparison.Ordinal);
        Assert.Equal(SessionState.Empty, SessionState.FromUtf8Json(json));
    }

    [Fact]
    public void NoByteCanChangeUnnoticed()
    {
        var json = Full.ToUtf8Json();
        for (var i = 0; i < json.Length; i++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var damaged = (byte[])json.Clone();
                damaged[i] ^= (byte)(1 << bit);
                ShouldRefuse(damaged);
            }

            ShouldRefuse(json[..i]);   // a torn write
            ShouldRefuse([.. json[..i], .. json[(i + 1)..]]);
        }

        ShouldRefuse([.. json, (byte)' ']);
        ShouldRefuse([.. json, .. json]);
        ShouldRefuse(new byte[json.Length]);
    }

    [Theory]
    [InlineData("""{"version":2""")]
    [InlineData("""{"version":0""")]
    [InlineData("""{"version":"1" """)]
    [InlineData("""{"lock":{"kind":"banned"}""")]
    [InlineData("""{"version":1,"labels":{}""")]
    [InlineData("""{"version":1,"version":1""")]
    [InlineData("""{"version":1,"lock":null""")]
    [InlineData("""{"version":1,"lock":{}""")]
    [InlineData("""{"version":1,"lock":{"kind":"none"}""")]
    [InlineData("""{"version":1,"lock":{"kind":"banned","until":-1}""")]
    [InlineData("""{"version":1,"lock":{"kind":"banned","until":9223372036854775807}""")]
    [InlineData("""{"version":1,"lock":{"kind":"banned","why":"x"}""")]
    [InlineData("""{"version":1,"meters":[]""")]
    [InlineData("""{"version":1,"meters":[{"name":"a","window":0}]""")]
    [InlineData("""{"version":1,"meters":[{"name":"a","window":1,"count":-1}]""")]
    [InlineData("""{"version":1,"meters":[{"name":"a","window":1,"count":1.5}]""")]
    [InlineData("""{"version":1,"meters":[{"name":"a","window":1,"older":[1]}]""")]
    [InlineData("""{"version":1,"meters":[{"window":1}]""")]
    [InlineData("""{"version":1,"runs":[{"id":0,"process":1,"expires":1}]""")]
    [InlineData("""{"version":1,"runs":[{"id":1,"process":1}]""")]
    [InlineData("""{"version":1,"runs":[{"id":1,"process":1,"expires":1,"risk":-0.1}]""")]
    [InlineData("""{"version":1,"runs":[{"id":1,"process":1,"expires":1,"risk":1e999}]""")]
    [InlineData("""{"version":1,"runs":[{"id":1,"process":1,"expires":1,"steps":99999999999}]""")]
    [InlineData("""{"version":1,"runs":[{"id":1,"process":1,"expires":1,"closed":"no"}]""")]
    [InlineData("""{"version":1,"runs":{"id":1}""")]
    [InlineData("""{"version":1,"pending":[{"id":"a","binding":"AA==","policy":"p","expires":1}]""")]
    [InlineData("""{"version":1,"pending":[{"id":"a","binding":"?","policy":"p","expires":1}]""")]
    [InlineData("""{"version":1,"pending":[{"id":"","binding":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","policy":"p","expires":1}]""")]
    [InlineData("""{"version":1,"pending":[{"id":"a","binding":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","expires":1}]""")]
    [InlineData("""{"version":1,"risks":{}""")]
    [InlineData("""{"version":1,"risks":{"expires":1}""")]
    [InlineData("""{"version":1,"risks":{"marks":[140]}""")]
    [InlineData("""{"version":1,"risks":{"expires":1,"marks":[]}""")]
    [InlineData("""{"version":1,"risks":{"expires":1,"marks":[256]}""")]
    [InlineData("""{"version":1,"risks":{"expires":1,"marks":[255]}""")]
    [InlineData("""{"version":1,"risks":{"expires":1,"marks":[-1]}""")]
    [InlineData("""{"version":1,"risks":{"expires":1,"marks":[140],"text":"x"}""")]
    [InlineData("""{"version":1,"risks":{"expires":1,"marks":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}""")]
    [InlineData("""["version",1""")]
    [InlineData("""{"version":1,"lock":{"kind":"banned","until":{"a":{"b":{"c":{"d":{"e":{"f":{"g":1}}}}}}}}""")]
    public void WhatNobodyHereWouldWriteIsRefusedWhateverItsChecksum(string body)
    {
        ShouldRefuse(Signed(body));
        Assert.Equal(SessionState.Empty, SessionState.FromUtf8Json(Signed("""{"version":1""")));   // the checksum is right
    }

    [Fact]
    public void MoreRunsThanASessionMayHaveAreRefused()
    {
        var runs = string.Join(',', Enumerable.Range(1, SessionState.MaxRuns + 1).Select(static id => $$"""{"id":{{id}},"process":1,"expires":1}"""));
        ShouldRefuse(Signed($$"""{"version":1,"runs":[{{runs}}]"""));
    }

    [Fact]
    public void AStateOfAVersionThatKnewNoRisksIsReadAndOneWithoutThemSaysNothingOfThem()
    {
        var before = Full with { Risks = null };
        Assert.DoesNotContain("risks", Encoding.UTF8.GetString(before.ToUtf8Json()), StringComparison.Ordinal);
        Assert.Null(SessionState.FromUtf8Json(before.ToUtf8Json()).Risks);
    }

    [Fact]
    public async Task ADamagedStateBlocks()
    {
        var damaged = Full.ToUtf8Json();
        damaged[20] ^= 1;
        var store = new Guarding.SeamStore { OnRead = _ => new(SessionState.FromUtf8Json(damaged)) };
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

    private static void ShouldRefuse(byte[] json) => Assert.Throws<AegisException>(() => SessionState.FromUtf8Json(json));

    private static byte[] Signed(string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        return [.. bytes, .. Encoding.UTF8.GetBytes($",\"check\":\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..32]}\"}}")];
    }
}
