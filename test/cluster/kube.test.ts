import { connect } from '../../src/kube/connect.ts';
import { kubeContract } from './kube-contract.ts';

kubeContract('a real API server', () => connect({ env: process.env }), 'localhost/tools:1');
