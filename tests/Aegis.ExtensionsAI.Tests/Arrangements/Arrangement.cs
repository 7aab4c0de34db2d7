using Xunit.Sdk;

namespace Aegis.ExtensionsAI.Tests.Arrangements;

/// <summary>Where Aegis sits, and everything else that must make no difference.</summary>
public sealed record Arrangement(Position Position, bool Streaming, bool ServerConversation, bool Concurrent, Wire Wire) : IXunitSerializable
{
    public Arrangement()
        : this(default, default, default, default, default)
    {
    }

    public Position Position { get; private set; } = Position;

    public bool Streaming { get; private set; } = Streaming;

    public bool ServerConversation { get; private set; } = ServerConversation;

    public bool Concurrent { get; private set; } = Concurrent;

    public Wire Wire { get; private set; } = Wire;

    public bool HasLoop => Position != Position.Manual;

    public bool IsOutside => Position is Position.Outside or Position.Sandwich;

    public static IEnumerable<Arrangement> All { get; } =
    [
        .. from position in Enum.GetValues<Position>()
           from streaming in new[] { false, true }
           from conversation in new[] { false, true }
           from concurrent in new[] { false, true }
           from wire in Enum.GetValues<Wire>()
           select new Arrangement(position, streaming, conversation, concurrent, wire),
    ];

    public override string ToString() =>
        $"{Position}, {(Streaming ? "streaming" : "batch")}, {(ServerConversation ? "conversation id" : "history")}, {(Concurrent ? "concurrent" : "serial")}, {Wire}";

    public void Serialize(IXunitSerializationInfo info) => info.AddValue("it", $"{(int)Position},{Streaming},{ServerConversation},{Concurrent},{(int)Wire}");

    public void Deserialize(IXunitSerializationInfo info)
    {
        var parts = info.GetValue<string>("it")!.Split(',');
        (Position, Streaming, ServerConversation, Concurrent, Wire) = ((Position)int.Parse(parts[0]), bool.Parse(parts[1]), bool.Parse(parts[2]), bool.Parse(parts[3]), (Wire)int.Parse(parts[4]));
    }
}
