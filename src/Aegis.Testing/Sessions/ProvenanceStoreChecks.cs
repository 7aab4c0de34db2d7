using System.Security.Cryptography;

namespace Aegis.Testing;

/// <summary>Whether a store of provenance does what <see cref="IProvenanceStore"/> says, for those who write one. Works in sessions of its own, and leaves their logs behind.</summary>
public static class ProvenanceStoreChecks
{
    private const int AtOnce = 32;

    private static readonly (string Name, Func<IProvenanceStore, CancellationToken, Task> Check)[] All =
    [
        ("a session that nobody wrote has no log", NoLogAsync),
        ("what is appended is read, whole and from any place of it", AppendAsync),
        ("a log is made only by whoever says that there is none, once", CreateAsync),
        ("nothing is appended to another log than the one that is meant", OtherAsync),
        ("a log is replaced only where it ends as expected, by another generation", ReplaceAsync),
        ("sessions do not share a log", ApartAsync),
        ("appends at once are each whole, and none is lost", ManyAsync),
        ("of replacements at once one happens", RaceAsync),
        ("bytes come back as they were, also many", BytesAsync),
        ("what is cancelled writes nothing", CancelledAsync),
    ];

    /// <summary>Runs every check.</summary>
    /// <param name="store">The store.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <returns>When all have passed.</returns>
    /// <exception cref="ConformanceException">Some have not; all of them are named.</exception>
    public static async Task RunAsync(IProvenanceStore store, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        var failures = new List<string>();
        foreach (var (name, check) in All)
        {
            try
            {
                await check(store, cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                failures.Add(e is ConformanceException ? $"{name}: {e.Message}" : $"{name}: {e.GetType().Name}: {e.Message}");
            }
        }

        if (failures.Count > 0)
        {
            throw new ConformanceException(string.Join(Environment.NewLine, failures));
        }
    }

    private static SessionId Session() => new(Guid.NewGuid().ToString("N"));

    private static async Task NoLogAsync(IProvenanceStore store, CancellationToken cancellationToken)
    {
        await ShouldBeAsync(store, Session(), default, [], default, cancellationToken);
        await ShouldBeAsync(store, Session(), new(Guid.NewGuid(), 7), [], default, cancellationToken);
    }

    private static async Task AppendAsync(IProvenanceStore store, CancellationToken cancellationToken)
    {
        var session = Session();
        var first = Written(await store.AppendAsync(session, Guid.Empty, new byte[] { 1, 2, 3 }, cancellationToken), 3);
        var second = Written(await store.AppendAsync(session, first.Generation, new byte[] { 4, 5 }, cancellationToken), 5);
        Expect.Equal(first.Generation, second.Generation);
        await ShouldBeAsync(store, session, default, [1, 2, 3, 4, 5], second, cancellationToken);
        await ShouldBeAsync(store, session, first, [4, 5], second, cancellationToken);
        await ShouldBeAsync(store, session, second with { Offset = 1 }, [2, 3, 4, 5], second, cancellationToken);
        await ShouldBeAsync(store, session, second, [], second, cancellationToken);
        await ShouldBeAsync(store, session, new(Guid.NewGuid(), 3), [1, 2, 3, 4, 5], second, cancellationToken);
    }

    private static async Task CreateAsync(IProvenanceStore store, CancellationToken cancellationToken)
    {
        var session = Session();
        var made = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(i => Task.Run(async () => await store.AppendAsync(session, Guid.Empty, new[] { (byte)i }, cancellationToken), cancellationToken)));
        var end = Written(made.Single(static position => position is not null), 1);
        await ShouldBeAsync(store, session, default, [(byte)Array.FindIndex(made, static position => position is not null)], end, cancellationToken);
    }

    private static async Task OtherAsync(IProvenanceStore store, CancellationToken cancellationToken)
    {
        var session = Session();
        Refused(await store.AppendAsync(session, Guid.NewGuid(), new byte[] { 9 }, cancellationToken));
        await ShouldBeAsync(store, session, default, [], default, cancellationToken);
        var end = Written(await store.AppendAsync(session, Guid.Empty, new byte[] { 1 }, cancellationToken), 1);
        Refused(await store.AppendAsync(session, Guid.NewGuid(), new byte[] { 9 }, cancellationToken));
        Refused(await store.AppendAsync(session, Guid.Empty, new byte[] { 9 }, cancellationToken));
        await ShouldBeAsync(store, session, default, [1], end, cancellationToken);
    }

    private static async Task ReplaceAsync(IProvenanceStore store, CancellationToken cancellationToken)
    {
        var session = Session();
        Refused(await store.ReplaceAsync(session, new(Guid.NewGuid(), 0), new byte[] { 9 }, cancellationToken));
        var first = Written(await store.ReplaceAsync(session, default, new byte[] { 1, 2 }, cancellationToken), 2);
        Refused(await store.ReplaceAsync(session, default, new byte[] { 9 }, cancellationToken));
        var grown = Written(await store.AppendAsync(session, first.Generation, new byte[] { 3 }, cancellationToken), 3);
        Refused(await store.ReplaceAsync(session, first, new byte[] { 9 }, cancellationToken));
        Refused(await store.ReplaceAsync(session, grown with { Generation = Guid.NewGuid() }, new byte[] { 9 }, cancellationToken));
        await ShouldBeAsync(store, session, default, [1, 2, 3], grown, cancellationToken);
        var replaced = Written(await store.ReplaceAsync(session, grown, new byte[] { 7, 8 }, cancellationToken), 2);
        Expect.False(replaced.Generation == grown.Generation, "the log that took the place of another has its generation");
        await ShouldBeAsync(store, session, grown, [7, 8], replaced, cancellationToken);
        Refused(await store.AppendAsync(session, grown.Generation, new byte[] { 9 }, cancellationToken));
        await ShouldBeAsync(store, session, default, [7, 8], replaced, cancellationToken);
    }

    private static async Task ApartAsync(IProvenanceStore store, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid().ToString("N");
        SessionId[] sessions = [new(id), new(id, "ann"), new(id, "ann", "acme"), new(id, null, "acme")];
        for (var i = 0; i < sessions.Length; i++)
        {
            Written(await store.AppendAsync(sessions[i], Guid.Empty, new[] { (byte)i }, cancellationToken), 1);
        }

        for (var i = 0; i < sessions.Length; i++)
        {
            Expect.Equal([(byte)i], (await store.ReadAsync(sessions[i], default, cancellationToken)).Bytes.ToArray());
        }
    }

    private static async Task ManyAsync(IProvenanceStore store, CancellationToken cancellationToken)
    {
        var session = Session();
        var generation = Written(await store.AppendAsync(session, Guid.Empty, new byte[] { 0 }, cancellationToken), 1).Generation;
        var ends = await Task.WhenAll(Enumerable.Range(1, AtOnce).Select(i => Task.Run(async () => await store.AppendAsync(session, generation, Enumerable.Repeat((byte)i, i).ToArray(), cancellationToken), cancellationToken)));
        var log = (await store.ReadAsync(session, default, cancellationToken)).Bytes.ToArray();
        Expect.Equal(1 + (AtOnce * (AtOnce + 1) / 2), log.Length);
        for (var i = 1; i <= AtOnce; i++)
        {
            var end = ends[i - 1] ?? throw new ConformanceException("an append to the log that was meant was refused");
            Expect.True(log.AsSpan((int)end.Offset - i, i).IndexOfAnyExcept((byte)i) < 0, "an append does not end where it is said to end");
        }
    }

    private static async Task RaceAsync(IProvenanceStore store, CancellationToken cancellationToken)
    {
        var session = Session();
        var end = Written(await store.AppendAsync(session, Guid.Empty, new byte[] { 0 }, cancellationToken), 1);
        var done = await Task.WhenAll(Enumerable.Range(1, AtOnce).Select(i => Task.Run(async () => await store.ReplaceAsync(session, end, new[] { (byte)i, (byte)i }, cancellationToken), cancellationToken)));
        var winner = Array.FindIndex(done, static position => position is not null);
        await ShouldBeAsync(store, session, end, [(byte)(winner + 1), (byte)(winner + 1)], Written(done.Single(static position => position is not null), 2), cancellationToken);
    }

    private static async Task BytesAsync(IProvenanceStore store, CancellationToken cancellationToken)
    {
        var session = Session();
        byte[] every = [.. Enumerable.Range(0, 256).Select(static i => (byte)i)];
        var many = RandomNumberGenerator.GetBytes(400_000);
        var end = Written(await store.AppendAsync(session, Guid.Empty, every, cancellationToken), every.Length);
        end = Written(await store.AppendAsync(session, end.Generation, many, cancellationToken), every.Length + many.Length);
        await ShouldBeAsync(store, session, end with { Offset = every.Length }, many, end, cancellationToken);
        await ShouldBeAsync(store, session, default, [.. every, .. many], end, cancellationToken);
    }

    private static async Task CancelledAsync(IProvenanceStore store, CancellationToken cancellationToken)
    {
        var session = Session();
        var cancelled = new CancellationToken(canceled: true);
        await CancelsAsync(async () => await store.AppendAsync(session, Guid.Empty, new byte[] { 1 }, cancelled));
        await CancelsAsync(async () => await store.ReplaceAsync(session, default, new byte[] { 1 }, cancelled));
        await CancelsAsync(async () => await store.ReadAsync(session, default, cancelled));
        await ShouldBeAsync(store, session, default, [], default, cancellationToken);
    }

    private static async Task CancelsAsync(Func<Task> cancelled)
    {
        try
        {
            await cancelled();
        }
        catch (OperationCanceledException)
        {
            return;
        }

        throw new ConformanceException("it was cancelled before it began, and went on");
    }

    private static ProvenancePosition Written(ProvenancePosition? end, long offset)
    {
        Expect.True(end is { Offset: var at } && at == offset, $"expected an end at {offset}, got {end?.Offset.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "a refusal"}");
        Expect.False(end!.Value.Generation == Guid.Empty, "a log has no generation");
        return end.Value;
    }

    private static void Refused(ProvenancePosition? end) => Expect.True(end is null, "what should have been refused was written");

    private static async Task ShouldBeAsync(IProvenanceStore store, SessionId session, ProvenancePosition from, byte[] expected, ProvenancePosition end, CancellationToken cancellationToken)
    {
        var log = await store.ReadAsync(session, from, cancellationToken);
        Expect.True(log.Bytes.Span.SequenceEqual(expected), $"expected {expected.Length} bytes behind {from.Offset}, got {log.Bytes.Length}, or others");
        Expect.Equal(end, log.End);
    }
}
