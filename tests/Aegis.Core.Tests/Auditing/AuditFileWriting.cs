using Aegis.Auditing;

namespace Aegis.Core.Tests.Auditing;

/// <summary>Short words for tests.</summary>
internal static class AuditFileWriting
{
    public static void Write(this AuditFile file, params string[] ids)
    {
        var written = file.WriteAsync([.. ids.Select(LogFolder.Record)], CancellationToken.None);
        Assert.True(written.IsCompletedSuccessfully);
    }

    /// <summary>Why a record cannot be written.</summary>
    public static string Failure(this AuditFile file, string id) => Assert.Throws<AuditFileException>(() => file.Write(id)).Message;
}
