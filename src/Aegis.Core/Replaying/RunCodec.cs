using Aegis.Guarding;

namespace Aegis.Replaying;

/// <summary>What an inspection may know of the run that it belongs to, as bytes.</summary>
internal static class RunCodec
{
    public static void Write(TapeWriter writer, AegisRun run)
    {
        var root = GuardPipeline.RootOf(run);
        WorkCodec.Write(writer, run.Session);
        Write(writer, run.Ticket);
        writer.Flag(run.IsOpen);
        writer.Flag(run.Parent is not null);
        Write(writer, root.Ticket);
        var (counted, owed) = root.Counted;
        writer.Number(counted);
        writer.Number(owed);
    }

    public static AegisRun Read(TapeReader reader, AegisGuard guard)
    {
        var (session, ticket, isOpen, hasParent) = (WorkCodec.ReadSession(reader), ReadTicket(reader), reader.Flag(), reader.Flag());
        var (above, counted, owed) = (ReadTicket(reader), reader.Number(), reader.Number());
        var root = AegisRun.Restored(guard, session, above, null, counted, owed);
        var run = hasParent ? AegisRun.Restored(guard, session, ticket, root, counted, 0) : root;
        run.IsOpen = isOpen;
        return run;
    }

    public static void Write(TapeWriter writer, RunId id)
    {
        writer.Number(id.Value);
        writer.Fixed(id.Process);
    }

    public static RunId ReadId(TapeReader reader) => new(reader.Number(), reader.Fixed());

    private static void Write(TapeWriter writer, RunTicket ticket)
    {
        Write(writer, ticket.Id);
        Write(writer, ticket.Parent);
        writer.Time(ticket.Started);
        writer.Number(ticket.Depth);
        writer.Flag(ticket.StartedByMessages);
        writer.Number(ticket.Steps);
    }

    private static RunTicket ReadTicket(TapeReader reader) => new(ReadId(reader), ReadId(reader), reader.Time(), (int)reader.Number(), reader.Flag(), (int)reader.Number());
}
