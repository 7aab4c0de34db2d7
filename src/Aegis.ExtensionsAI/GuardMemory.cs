using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Aegis.Guarding;
using Aegis.Integrity;
using Aegis.Prompting;

namespace Aegis.ExtensionsAI;

/// <summary>What the layers of one guard share in this process: which texts were inspected in which session, and which run a provider-side call belongs to. Bounded.</summary>
internal sealed class GuardMemory
{
    private const int Capacity = 65_536;

    private static readonly ConditionalWeakTable<AegisGuard, GuardMemory> ByGuard = [];
    private static readonly ConditionalWeakTable<object, AegisRun> HostRuns = [];

    private static readonly Subject Nothing = new UserInput("");

    private readonly Generations<(SessionId Session, UInt128 Text, GuardPipeline Policy), InspectedText> _texts = new(Capacity);

    /// <summary>By conversation id and call id.</summary>
    public Generations<(string Conversation, string Call), CallRecord> Calls { get; } = new(Capacity);

    /// <summary>Marks that text from outside has in conversations which the provider keeps, by conversation id.</summary>
    public Generations<string, IReadOnlyList<TextMarking>> Markings { get; } = new(Capacity);

    /// <summary>Conversations that were signed here, or left in part, by their last link; and the id of the key that signs them.</summary>
    public Generations<HistoryLink, string> Histories { get; } = new(Capacity);

    public MediaMemory Media { get; } = new();

    public static GuardMemory Of(AegisGuard guard) => ByGuard.GetValue(guard, static _ => new());

    /// <summary>The run that the host began with <see cref="AegisScope.NewRun"/>.</summary>
    public static AegisRun HostRun(object runKey, AegisGuard guard, SessionId session) => HostRuns.GetValue(runKey, _ => new(guard, session, parent: null, startedByMessages: false)).For(guard);

    /// <summary>What a policy has said of a text; what another one said does not count.</summary>
    public bool TryGet(GuardPipeline policy, SessionId session, UInt128 text, out InspectedText inspected) => _texts.TryGet((session, text, policy), out inspected);

    public void Remember(GuardPipeline policy, SessionId session, UInt128 text, InspectedText inspected) =>
        _texts.Set((session, text, policy), inspected with { Stopped = inspected.Stopped is { } stopped ? stopped with { Subject = Nothing } : null });

    /// <summary>A text in its place: 128 bits of SHA-256.</summary>
    public static UInt128 KeyOf(string place, string text) => KeyOf(place, System.Runtime.InteropServices.MemoryMarshal.AsBytes(text.AsSpan()));

    /// <summary>Bytes in their place.</summary>
    public static UInt128 KeyOf(string place, ReadOnlySpan<byte> data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BitConverter.GetBytes(place.Length));
        hash.AppendData(Encoding.Unicode.GetBytes(place));
        hash.AppendData(data);
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetCurrentHash(bytes);
        return new(BitConverter.ToUInt64(bytes), BitConverter.ToUInt64(bytes[8..]));
    }
}
