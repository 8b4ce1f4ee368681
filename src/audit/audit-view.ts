// What REST shows of the audit log.
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

export class AuditRecordView {
  @ApiProperty({ format: 'date-time' })
  at!: string;
  @ApiProperty({ example: 'tool.execute' })
  action!: string;
  @ApiProperty({ example: 'completed' })
  outcome!: string;
  @ApiPropertyOptional()
  tenant?: string;
  @ApiPropertyOptional({ example: 'key:Fj3kQ0aZb81T' })
  principal?: string;
  @ApiPropertyOptional()
  session?: string;
  @ApiPropertyOptional()
  address?: string;
  @ApiPropertyOptional({ example: 'echo' })
  target?: string;
  @ApiPropertyOptional({ example: 'jwt_issuer', description: 'Why a credential was refused' })
  reason?: string;
  @ApiPropertyOptional()
  duration_ms?: number;
  @ApiPropertyOptional({ description: 'How often within a minute, where refusals were counted together' })
  count?: number;
}

export class AuditListView {
  @ApiProperty({ type: [AuditRecordView] })
  records!: AuditRecordView[];
  @ApiPropertyOptional({ description: 'Also after a page with fewer records than asked for: the rest of the log was not looked at yet' })
  next_cursor?: string;
}
